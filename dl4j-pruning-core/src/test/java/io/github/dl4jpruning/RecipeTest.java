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
import io.github.dl4jpruning.testing.Networks;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

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
            ImportanceCriterion.magnitudeIncrease());
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // the text as a whole
        "'' | expected a recipe, but found empty text",
        "[1] | expected an object with the key one of 'schedule'",
        "5 | but found 5",
        "{ | expected YAML, but found at line 1",
        "a: b: c | expected YAML",
        "{updateEvery: 3} | expected the key 'schedule', but found an object with [updateEvery]",
        "{schedule: 3, schedule: 4} | Duplicate field 'schedule'",
        "{schedule: {constant: {sparsity: .5}}, speed: 3} | expected the key one of 'schedule',"
            + " 'updateEvery', 'countFrom', 'criterion', 'distribution', 'pattern', 'rule',"
            + " 'parameters', but found the key 'speed'",
        // schedules
        "{schedule: cubic} | schedule: expected one of 'polynomial', 'linear'",
        "{schedule: {cubic: {to: .5}}} | but found 'cubic'",
        "{schedule: {}} | schedule: expected one of 'polynomial'",
        "{schedule: constant} | schedule: expected an object with the key 'sparsity', but found"
            + " \"constant\"",
        "{schedule: {constant: {sparsity: 1}}} | schedule.constant: sparsity must be a sparsity in"
            + " [0, 1)",
        "{schedule: {constant: {sparsity: much}}} | schedule.constant.sparsity: expected a number,"
            + " but found \"much\"",
        "{schedule: {constant: {}}} | schedule.constant: expected the key 'sparsity', but found an"
            + " empty object",
        "{schedule: {oneShot: {sparsity: .5}}} | schedule.oneShot: expected the key 'at'",
        "{schedule: {oneShot: {sparsity: .5, at: -3}}} | schedule.oneShot.at: expected a point in"
            + " training, a whole number of iterations or '2 epochs', but found -3",
        "{schedule: {oneShot: {sparsity: .5, at: 1.5}}} | schedule.oneShot.at: expected a point",
        "{schedule: {oneShot: {sparsity: .5, at: 99999999999}}} | schedule.oneShot.at: expected a"
            + " point",
        "{schedule: {oneShot: {sparsity: .5, at: 3 weeks}}} | but found \"3 weeks\"",
        "{schedule: {linear: {to: .5, begin: 5, end: 2}}} | schedule.linear: end must not be before"
            + " begin",
        "{schedule: {linear: {to: .5, begin: 5, end: 2 epochs}}} | schedule.linear.end: expected a"
            + " point in the same unit as begin",
        "{schedule: {linear: {to: .5, begin: 5, end: 9, power: 3}}} | schedule.linear: expected the"
            + " key one of 'from', 'to', 'begin', 'end', but found the key 'power'",
        "{schedule: {polynomial: {to: .5, begin: 5, end: 9, power: 0}}} | schedule.polynomial:"
            + " power must be a finite number above 0, but is 0.0",
        "{schedule: {stepwise: {to: .5, begin: 5, end: 9, steps: 0}}} | schedule.stepwise: steps"
            + " must be 1 or more, but is 0",
        "{schedule: {stepwise: {to: .5, begin: 5, end: 9}}} | schedule.stepwise: expected the key"
            + " 'steps'",
        "{schedule: {exponential: {to: 1.5, begin: 5, end: 9}}} | schedule.exponential: to must be"
            + " a sparsity",
        "{schedule: {denseSparseDense: {sparsity: .5, begin: 1, full: 0, release: 2, end: 3}}} |"
            + " schedule.denseSparseDense: expected 0 <= begin",
        "{schedule: {linear: {from: .5, to: .1, begin: 5, end: 9}}} | the schedule falls",
      })
  void aBadScheduleIsRefusedWithItsPath(String recipe, String message) {
    refused(recipe.equals("''") ? "" : recipe, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "updateEvery: 0 | updateEvery: updateEvery must be 1 or more, but is 0",
        "updateEvery: often | updateEvery: expected a whole number, but found \"often\"",
        "updateEvery: 1.5 | updateEvery: expected a whole number, but found 1.5",
        "updateEvery: 3000000000 | updateEvery: expected a whole number",
        "updateEvery: | updateEvery: expected a whole number, but found nothing",
        "criterion: size | criterion: expected one of 'magnitude', 'gradient', 'taylor', 'snip',"
            + " 'movement', 'magnitudeIncrease', 'random', but found 'size'",
        "criterion: java.util.Random | but found 'java.util.Random'",
        "criterion: random | criterion: expected an object with the key 'seed'",
        "criterion: {random: {seed: x}} | criterion.random.seed: expected a whole number",
        "criterion: {magnitude: {p: 1}} | criterion.magnitude: expected nothing, since it has no"
            + " settings, but found an object with [p]",
        "distribution: fair | distribution: expected one of 'global', 'uniform',"
            + " 'erdosRenyiKernel', 'lamp', 'budget', 'threshold', 'targets', 'floor', but found"
            + " 'fair'",
        "distribution: {budget: {weights: 0}} | distribution.budget: a budget must be 1 or more"
            + " weights, but is 0",
        "distribution: {budget: {weights: 5, of: some}} | distribution.budget.of: expected one of",
        "distribution: {threshold: {score: 0}} | distribution.threshold: threshold must be a finite"
            + " number above 0",
        "distribution: {threshold: {score: 1, deviations: 1}} | distribution.threshold: expected"
            + " either the key 'score' or the key 'deviations'",
        "distribution: {threshold: {}} | distribution.threshold: expected either",
        "distribution: {targets: {of: global}} | distribution.targets: expected at least one"
            + " target",
        "distribution: {targets: {layers: {a: 2}}} | distribution.targets.layers.a: the target of a"
            + " must be a sparsity",
        "distribution: {targets: {layers: {}}} | distribution.targets.layers: expected an object"
            + " with at least one key",
        "distribution: {targets: {layers: [a]}} | distribution.targets.layers: expected an object",
        "distribution: {floor: {of: lamp}} | distribution.floor: expected the key 'neverAbove' or"
            + " the key 'neverFewerThan'",
        "distribution: {floor: {neverAbove: 1.5}} | distribution.floor: neverAbove must be a"
            + " sparsity in [0, 1], but is 1.5",
        "distribution: {floor: {neverFewerThan: 0}} | distribution.floor: neverFewerThan must be 1"
            + " or more, but is 0",
        "distribution: {global: {x: 1}} | distribution.global: expected nothing",
        "pattern: {channel: input} | pattern.channel: expected an object with the key one of"
            + " 'axis', 'score', but found \"input\"",
        "distribution: {lamp: junk} | distribution.lamp: expected nothing, since it has no"
            + " settings",
        "criterion: {magnitude: gradient} | criterion.magnitude: expected nothing",
        "rule: {monotone: x} | rule.monotone: expected nothing",
        "parameters: {weights: output} | parameters.weights: expected nothing",
        "updateEvery: 0x_ | expected",
        "distribution: {targets: {layers: {a: .5}, of: {threshold: {score: 1}}}} |"
            + " distribution.targets: targets need a distribution that shares out a total",
        "pattern: stripes | pattern: expected one of 'unstructured', 'groups', 'block', 'channel',"
            + " 'coupledChannels', but found 'stripes'",
        "pattern: {groups: {keep: 4, of: 4}} | pattern.groups: keep(n).of(m) needs 1 <= n < m",
        "pattern: {groups: {keep: 2}} | pattern.groups: expected the key 'of'",
        "pattern: {block: {rows: 0, columns: 2}} | pattern.block: a block must be 1×1 or more, but"
            + " is 0×2",
        "pattern: {block: {rows: 2, columns: 2, score: median}} | pattern.block.score: expected one"
            + " of 'mean', 'max', but found \"median\"",
        "pattern: {channel: {axis: depth}} | pattern.channel.axis: expected one of 'output',"
            + " 'input'",
        "pattern: {channel: {axis: input, score: batch-norm}} | pattern.channel: a batch"
            + " normalisation scales output channels",
        "pattern: [a, b] | pattern: expected one of",
        "rule: never | rule: expected one of 'monotone', 'regrow', 'hardThresholding', 'rigl',"
            + " 'set', but found 'never'",
        "rule: rigl | rule: expected an object with the key one of 'fraction', 'until'",
        "rule: {rigl: {fraction: 2, until: 5}} | rule.rigl: fraction must be in (0, 1), but is 2.0",
        "rule: {rigl: {fraction: .2, until: 0}} | rule.rigl: until must be 1 or more, but is 0",
        "rule: {rigl: {fraction: .2, until: 5, seed: 3}} | but found the key 'seed'",
        "rule: {set: {fraction: .2, until: 5}} | rule.set: expected the key 'seed'",
        "parameters: all | parameters: expected one of 'weights', 'biases', 'normalization'",
        "parameters: layers | parameters: expected settings of 'layers'",
        "parameters: {layers: []} | parameters.layers: layers: expected at least one name",
        "parameters: {layers: [a, 3]} | parameters.layers[1]: expected text, but found 3",
        "parameters: {layersMatching: '['} | parameters.layersMatching: expected a regular"
            + " expression",
        "parameters: {minimumSize: 0} | parameters.minimumSize: minimumSize must be 1 or more, but"
            + " is 0",
        "parameters: {and: []} | parameters.and: and needs at least one filter",
        "parameters: {and: [weights, {not: {keyz: W}}]} | parameters.and[1].not: expected one of",
        "parameters: {weights: {exceptLayers: x}} | parameters.weights: expected nothing",
        "parameters: {a: 1, b: 2} | parameters: expected one of 'weights'",
      })
  void aBadPartIsRefusedWithItsPath(String part, String message) {
    refused("schedule: {constant: {sparsity: 0.5}}\n" + part, message);
  }

  private static void refused(String recipe, String message) {
    assertThatThrownBy(() -> PruningConfig.fromYaml(recipe))
        .as(recipe)
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(message.strip())
                    .hasLineCount(1)
                    .doesNotContain("Exception"));
  }

  @Test
  void aRecipeThatIsMadeToHurtIsRefused() {
    String deep = "{not: ".repeat(100_000) + "weights" + "}".repeat(100_000);
    assertThatThrownBy(() -> PruningConfig.fromYaml("parameters: " + deep))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 100 nested brackets");
    assertThatThrownBy(() -> PruningConfig.fromJson("[".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
    // A group longer than any row is one group.
    PruningConfig config =
        PruningConfig.fromYaml(
            "{schedule: {constant: {sparsity: 0.5}}, pattern: {groups: {keep: 1, of:"
                + " 2000000000}}}");
    Networks.Recipe recipe = Networks.Recipe.of(Networks.Kind.DENSE);
    var network = recipe.build();
    PruningListener.of(config).attachTo(network);
    network.fit(recipe.batch(0));
    assertThat(SparsityReport.of(network).sparsity()).isBetween(.49, .51);
  }

  @Test
  void jsonIsStrict() {
    assertThatThrownBy(() -> PruningConfig.fromJson("schedule: 3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected JSON, but found at line 1");
    assertThatThrownBy(() -> PruningConfig.fromJson("{} {}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PruningConfig.fromYaml("a: 1\n---\nb: 2"))
        .isInstanceOf(IllegalArgumentException.class);
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
