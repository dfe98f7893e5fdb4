package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.BudgetDistribution;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.BlockPattern;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.schedule.CosineSchedule;
import io.github.dl4jpruning.schedule.OneShotSchedule;
import io.github.dl4jpruning.schedule.PolynomialSchedule;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Recipes in YAML and JSON are read as they are meant, and writing and reading gives an equal
 * configuration.
 */
class RecipeTest {

  @Provide
  Arbitrary<PruningConfig> configs() {
    ScheduleType epoch = ScheduleType.EPOCH;
    Arbitrary<ISchedule> schedules =
        Arbitraries.of(
            SparsitySchedules.polynomial(.1, .9, 3, 600),
            new PolynomialSchedule(epoch, 0, .95, 1, 7, 2.5),
            SparsitySchedules.linear(0, .5, 0, 2_000_000_000),
            SparsitySchedules.exponential(0, .5, 0, 10),
            new CosineSchedule(epoch, 0, .5, 0, 1),
            SparsitySchedules.oneCycle(0, .5, 0, 10),
            SparsitySchedules.stepwise(0, .5, 0, 10, 4),
            SparsitySchedules.oneShot(.3, 17),
            new OneShotSchedule(epoch, .3, 0),
            SparsitySchedules.constant(.25));
    Arbitrary<ImportanceCriterion> criteria =
        Arbitraries.of(
            ImportanceCriterion.magnitude(),
            ImportanceCriterion.random(-5_000_000_000L),
            ImportanceCriterion.gradient(),
            ImportanceCriterion.taylor(),
            ImportanceCriterion.snip(),
            ImportanceCriterion.movement(),
            ImportanceCriterion.magnitudeIncrease(),
            ImportanceCriterion.fisher(),
            ImportanceCriterion.activation(),
            ImportanceCriterion.activationPerOutput());
    SparsityDistribution lamp = SparsityDistribution.lamp();
    Arbitrary<SparsityDistribution> distributions =
        Arbitraries.of(
            SparsityDistribution.global(),
            SparsityDistribution.uniform(),
            SparsityDistribution.erdosRenyiKernel(),
            lamp,
            SparsityDistribution.budget(12_345_678_901L),
            new BudgetDistribution(5, lamp),
            SparsityDistribution.threshold(.01),
            SparsityDistribution.thresholdInDeviations(1.5),
            lamp.neverAbove(.99),
            lamp.neverFewerThan(10),
            lamp.neverAbove("fc*", .99).neverAbove("conv?", 1),
            SparsityDistribution.uniform()
                .withTypeTarget("LSTM", .1)
                .withTarget("output", 0)
                .withTarget("a b", .5));
    Arbitrary<SparsityPattern> patterns =
        Arbitraries.of(
            SparsityPattern.unstructured(),
            SparsityPattern.keep(2).of(4),
            SparsityPattern.block(4, 1),
            SparsityPattern.block(4, 1, BlockPattern.Score.MAX),
            SparsityPattern.channel(),
            SparsityPattern.coupledChannels(),
            SparsityPattern.coupledChannels(ChannelPattern.Score.BATCH_NORM, false),
            SparsityPattern.channel(ChannelPattern.Axis.INPUT, ChannelPattern.Score.L2),
            SparsityPattern.channel(ChannelPattern.Axis.OUTPUT, ChannelPattern.Score.BATCH_NORM));
    Arbitrary<MaskRule> rules =
        Arbitraries.of(
            MaskRule.monotone(),
            MaskRule.regrow(),
            MaskRule.rigl(.3, 1000),
            MaskRule.set(.1, 5, 42));
    ParameterFilter weights = ParameterFilter.weights();
    Arbitrary<ParameterFilter> filters =
        Arbitraries.of(
            weights,
            weights.exceptLayers("output", "conv*").or(ParameterFilter.biases()),
            ParameterFilter.normalization().not(),
            ParameterFilter.layersMatching("fc[12]").and(ParameterFilter.keys("W", "RW")),
            ParameterFilter.types("*Layer").and(ParameterFilter.minimumSize(100)),
            ParameterFilter.layers(
                "0", "1.5", "0x10", "1e3", "1_000", "012", ".inf", "yes", "~", "a: b"),
            ParameterFilter.exceptFirstAndLast());
    Arbitrary<Integer> intervals = Arbitraries.integers().between(1, 1_000_000);
    return Combinators.combine(
            schedules, intervals, criteria, distributions, patterns, rules, filters)
        .as(
            (schedule, every, criterion, distribution, pattern, rule, filter) ->
                new PruningConfig(
                    new UpdateTiming(schedule, every),
                    new PruningChoices(
                        criterion,
                        distribution,
                        pattern,
                        pattern.coupled() ? MaskRule.regrow() : rule, // not all go with all rules
                        filter)));
  }

  @Property(tries = 1000)
  void thereAndBackGivesAnEqualConfiguration(@ForAll("configs") PruningConfig config) {
    assertThat(PruningConfig.fromYaml(config.toYaml())).as(config.toYaml()).isEqualTo(config);
    assertThat(PruningConfig.fromJson(config.toJson())).as(config.toJson()).isEqualTo(config);
    assertThat(PruningConfig.fromYaml(config.toJson())).isEqualTo(config);
    assertThat(config.toYaml()).doesNotContain("io.github", "@class", "java.");
  }

  @Test
  void rulesThatNeedACertainConfigurationGoThereAndBackToo() {
    for (PruningConfig config :
        List.of(
            PruningListener.builder()
                .schedule(SparsitySchedules.denseSparseDense(.5, 1, 2, 3, 4))
                .rule(MaskRule.regrow())
                .build()
                .config(),
            PruningListener.builder()
                .schedule(SparsitySchedules.constant(.5))
                .rule(MaskRule.hardThresholding())
                .build()
                .config())) {
      assertThat(PruningConfig.fromYaml(config.toYaml())).isEqualTo(config);
      assertThat(PruningConfig.fromJson(config.toJson())).isEqualTo(config);
    }
  }

  @Test
  void onlyTheScheduleHasToBeThere() {
    PruningConfig config =
        PruningConfig.fromYaml("schedule: {polynomial: {to: 0.9, begin: 100, end: 600}}");

    assertThat(config)
        .isEqualTo(
            PruningListener.builder()
                .schedule(SparsitySchedules.polynomial(0, .9, 100, 600))
                .build()
                .config());
  }

  @Test
  void aRecipeReadsAsAPersonWritesIt() {
    PruningConfig config =
        PruningConfig.fromYaml(
            """
            # How I prune.
            schedule:
              polynomial: {from: 0, to: 0.9, begin: 2 epochs, end: 1 epoch}
            """
                    .replace("1 epoch}", "10 epochs}")
                + """
                updateEvery: 50
                criterion: taylor
                distribution: {floor: {neverAbove: 0.99, of: lamp}}
                pattern: {groups: {keep: 2, of: 4}}
                rule: {rigl: {fraction: 3e-1, until: 5000}}
                parameters: {and: [weights, {not: {layers: output}}]}
                """);

    assertThat(config)
        .isEqualTo(
            PruningListener.builder()
                .schedule(new PolynomialSchedule(ScheduleType.EPOCH, 0, .9, 2, 10, 3))
                .updateEvery(50)
                .criterion(ImportanceCriterion.taylor())
                .distribution(SparsityDistribution.lamp().neverAbove(.99))
                .pattern(SparsityPattern.keep(2).of(4))
                .rule(MaskRule.rigl(.3, 5000))
                .parameters(ParameterFilter.weights().and(ParameterFilter.layers("output").not()))
                .build()
                .config());
  }

  @Test
  void whatIsNotOfThisLibraryHasNoName() {
    PruningListener.Builder builder =
        PruningListener.builder().schedule(SparsitySchedules.constant(.5));
    assertThatThrownBy(
            () -> builder.criterion(tensor -> tensor.weights()).build().config().toYaml())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("criterion: expected one of this library");
    builder.criterion(ImportanceCriterion.magnitude());
    assertThatThrownBy(
            () -> builder.distribution((tensors, due) -> List.of()).build().config().toJson())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("distribution: expected");
    assertThatThrownBy(
            () ->
                PruningListener.builder().schedule(new FixedSchedule(.5)).build().config().toJson())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("schedule: expected");
  }

  @Test
  void theRecipesInTheDocumentationAreReadAndGoTogether() throws IOException {
    int blocks = 0;
    for (String page : List.of("../README.md", "../docs/vocabulary.md")) {
      Matcher yaml =
          Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL)
              .matcher(Files.readString(Path.of(page)));
      while (yaml.find()) {
        PruningConfig config = PruningConfig.fromYaml(yaml.group(1));
        assertThat(PruningConfig.fromYaml(config.toYaml())).isEqualTo(config);
        blocks++;
      }
    }
    assertThat(blocks).isEqualTo(2);
    String javadoc =
        Files.readString(Path.of("src/main/java/io/github/dl4jpruning/PruningConfig.java"));
    Matcher sample =
        Pattern.compile("<pre>\\{@code\\n(.*?)\\* }</pre>", Pattern.DOTALL).matcher(javadoc);
    assertThat(sample.find()).isTrue();
    PruningConfig.fromYaml(sample.group(1).replaceAll("(?m)^ +\\* ?", ""));
  }

  @Test
  void everyNameInTheVocabularyPageIsOneThatARecipeTakes() throws IOException {
    String page = Files.readString(Path.of("../docs/vocabulary.md"));
    for (String schedule :
        List.of(
            "polynomial",
            "linear",
            "exponential",
            "cosine",
            "oneCycle",
            "stepwise",
            "oneShot",
            "constant",
            "denseSparseDense")) {
      assertThat(page).contains("| `" + schedule + "` |");
      assertThat(Path.of("../docs/images/schedules/" + schedule + ".png")).exists();
    }
    for (var criterion : io.github.dl4jpruning.score.StandardCriterion.values()) {
      assertThat(page).contains("| `" + criterion + "` |");
    }
  }
}
