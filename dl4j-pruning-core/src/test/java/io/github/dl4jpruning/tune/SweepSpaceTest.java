package io.github.dl4jpruning.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/** What settings have from the base of their space. */
class SweepSpaceTest {

  private static final Recipe RECIPE = Recipe.of(Kind.DENSE).with(new Adam(0.02));

  private static SweepSpace space(double sparsity, int begin, SparsityDistribution distribution) {
    return new SweepSpace(
        List.of(sparsity),
        List.of(Shape.LINEAR, Shape.ONE_SHOT),
        List.of(begin),
        List.of(begin + 2),
        List.of(1),
        List.of(distribution),
        List.of(Double.NaN));
  }

  private static SweepSpace space() {
    return space(.4, 2, SparsityDistribution.uniform());
  }

  private static PruningListener.Builder base() {
    return PruningListener.builder().schedule(SparsitySchedules.constant(.3)).updateEvery(77);
  }

  private static PruningConfig own() {
    return base()
        .criterion(ImportanceCriterion.movement())
        .pattern(SparsityPattern.keep(1).of(2))
        .rule(MaskRule.regrow())
        .parameters(ParameterFilter.weights().exceptLayers("output"))
        .build()
        .config();
  }

  @Test
  void withoutABaseSettingsHaveTheDefaults() {
    for (Setting setting : space().grid()) {
      PruningConfig same =
          PruningListener.builder()
              .schedule(setting.pruning().timing().schedule())
              .updateEvery(1)
              .distribution(SparsityDistribution.uniform())
              .build()
              .config();
      assertThat(setting.pruning()).isEqualTo(same);
    }
  }

  @Test
  void everySettingHasCriterionPatternRuleAndFilterOfTheBase() {
    List<Setting> settings = space().withBase(own().choices()).grid();

    assertThat(settings).hasSize(2);
    assertThat(space().withBase(own().choices()).random(2, 1))
        .containsExactlyInAnyOrderElementsOf(settings);
    for (Setting setting : settings) {
      PruningConfig pruning = setting.pruning();
      assertThat(pruning.criterion()).isEqualTo(ImportanceCriterion.movement());
      assertThat(pruning.pattern()).isEqualTo(SparsityPattern.keep(1).of(2));
      assertThat(pruning.rule()).isEqualTo(MaskRule.regrow());
      assertThat(pruning.parameters()).isEqualTo(ParameterFilter.weights().exceptLayers("output"));
      assertThat(pruning.distribution()).isEqualTo(SparsityDistribution.uniform());
      assertThat(pruning.timing().updateEvery()).isEqualTo(1);
      assertThat(pruning.timing().sparsityAt(9, 0)).isEqualTo(.4);
    }
  }

  private static DataSetIterator batches() {
    return new ListDataSetIterator<>(RECIPE.batch(1).asList(), 5);
  }

  @Test
  void aSweepPrunesAsTheBaseSays() throws IOException {
    SweepResult result =
        ScheduleSweep.builder()
            .settings(space().withBase(own().choices()).grid())
            .denseEpochs(1)
            .epochs(4)
            .scoreCalculator(() -> new DataSetLossCalculator(batches(), true))
            .build()
            .run(RECIPE.build(), () -> batches());

    for (Run run : result.runs()) {
      MultiLayerNetwork alone = RECIPE.build();
      alone.fit(batches(), 1);
      // Movement is summed from where the run begins, not over the dense epochs.
      PruningListener.of(run.setting().pruning()).attachTo(alone);
      alone.fit(batches(), 4);
      assertThat(run.nonZeros()).isEqualTo(SparsityReport.of(alone).nonZeros());
      assertThat(run.score())
          .isEqualTo(new DataSetLossCalculator(batches(), true).calculateScore(alone));
      assertThat(PruningConfig.fromYaml(run.setting().pruning().toYaml()))
          .isEqualTo(run.setting().pruning());
      assertThat(run.setting().pruning().toYaml())
          .contains("movement", "keep: 1", "regrow", "not:", "output");
    }
    assertThat(result.toString())
        .contains("criterion", "movement", "groups: {keep: 1, of: 2}", "regrow", "not: {layers");
    assertThat(result.toCsv().lines().skip(1))
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("\"movement\"", "\"groups: {keep: 1, of: 2}\"", "\"regrow\""));
  }

  @Test
  void defaultsTakeNoColumnOfTheTable() {
    Run run = new Run(1, space().grid().get(0), 50, .5, .9);
    SweepResult plain = new SweepResult(.9, 100, false, List.of(run));

    assertThat(plain.shownChoices()).isEmpty();
    assertThat(plain.toString()).doesNotContain("criterion", "magnitude");
    assertThat(plain.toCsv())
        .contains("distribution,criterion,pattern,rule,parameters,learningRate")
        .contains("\"uniform\",\"magnitude\",\"unstructured\",\"monotone\",\"weights\",,50");
  }

  @Test
  void partsOfTheUsersOwnAreShownByTheirClass() {
    PruningConfig config = base().criterion(tensor -> tensor.weights()).build().config();
    Run run = new Run(1, space().withBase(config.choices()).grid().get(0), 50, .5, .9);

    assertThat(new SweepResult(.9, 100, false, List.of(run)).toString()).contains("a lambda");
  }

  @Test
  void whatDoesNotGoTogetherIsRefusedAtOnce() {
    assertThatThrownBy(() -> space().withBase(null)).hasMessageContaining("base must be set");
    assertThatThrownBy(
            () -> space(.5, 5, SparsityDistribution.global()).withBase(rigl(5).choices()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rigl(0.3, until 5)")
        .hasMessageContaining("pruning begins at iteration 5");
    assertThat(space(.5, 5, SparsityDistribution.global()).withBase(rigl(6).choices()).grid())
        .hasSize(2);
    PruningConfig groups = base().pattern(SparsityPattern.keep(2).of(4)).build().config();
    assertThatThrownBy(() -> space(.6, 2, SparsityDistribution.global()).withBase(groups.choices()))
        .hasMessageContaining("finalSparsities must be at most 0.5")
        .hasMessageContaining("keep(2).of(4)");
    // A budget counts weights itself, and the schedule is the way to it.
    SparsityDistribution budget = SparsityDistribution.budget(40);
    assertThat(space(.6, 2, budget).withBase(groups.choices()).grid()).hasSize(2);
    assertThatThrownBy(
            () ->
                new SweepSpace(
                    List.of(.5),
                    List.of(Shape.LINEAR),
                    List.of(3),
                    List.of(2),
                    List.of(1),
                    List.of(SparsityDistribution.global()),
                    List.of(Double.NaN)))
        .hasMessageContaining("must not all be after");
  }

  private static PruningConfig rigl(int until) {
    return base().rule(MaskRule.rigl(.3, until)).build().config();
  }
}
