package io.github.dl4jpruning.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.BlockPattern;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.StandardCriterion;
import io.github.dl4jpruning.select.KernelLayoutTest;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import io.github.dl4jpruning.testing.Pairwise;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Schedule × criterion × distribution × pattern × rule, over a training without a network: whatever
 * is combined obeys the same rules.
 */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class AllCombinationsTest {

  static List<SparsitySchedule> schedules() {
    return List.of(
        SparsitySchedules.polynomial(0, .45, 2, 11),
        SparsitySchedules.linear(.1, .45, 2, 11),
        SparsitySchedules.exponential(0, .45, 2, 11),
        SparsitySchedules.cosine(0, .45, 2, 11),
        SparsitySchedules.oneCycle(0, .45, 2, 11),
        SparsitySchedules.stepwise(0, .45, 2, 11, 3),
        SparsitySchedules.oneShot(.45, 5),
        SparsitySchedules.constant(.45),
        SparsitySchedules.denseSparseDense(.45, 2, 4, 7, 11));
  }

  private static List<ImportanceCriterion> criteria() {
    return List.of(
        ImportanceCriterion.magnitude(),
        ImportanceCriterion.random(7),
        ImportanceCriterion.gradient(),
        ImportanceCriterion.taylor(),
        ImportanceCriterion.movement(),
        ImportanceCriterion.magnitudeIncrease(),
        ImportanceCriterion.fisher(),
        ImportanceCriterion.activationPerOutput(),
        tensor -> Arrays.stream(tensor.weights()).map(w -> -w).toArray());
  }

  private static List<SparsityDistribution> distributions() {
    return List.of(
        SparsityDistribution.global(),
        SparsityDistribution.uniform(),
        SparsityDistribution.erdosRenyiKernel(),
        SparsityDistribution.lamp(),
        SparsityDistribution.global().neverAbove(.48).neverFewerThan(30),
        SparsityDistribution.lamp().neverAbove("conv", .3),
        SparsityDistribution.uniform().neverAbove("dense2", .3),
        SparsityDistribution.erdosRenyiKernel().withTarget("lstm", .4),
        SparsityDistribution.budget(250),
        SparsityDistribution.threshold(.4),
        SparsityDistribution.thresholdInDeviations(.5));
  }

  private static List<SparsityPattern> patterns() {
    return List.of(
        SparsityPattern.unstructured(),
        SparsityPattern.keep(2).of(4),
        SparsityPattern.keep(1).of(3),
        SparsityPattern.block(2, 2),
        SparsityPattern.block(3, 1, BlockPattern.Score.MAX),
        SparsityPattern.channel(),
        SparsityPattern.channel(ChannelPattern.Axis.INPUT, ChannelPattern.Score.L2),
        SparsityPattern.channel(ChannelPattern.Axis.OUTPUT, ChannelPattern.Score.BATCH_NORM));
  }

  private static List<MaskRule> rules() {
    return List.of(
        MaskRule.monotone(),
        MaskRule.regrow(),
        MaskRule.hardThresholding(),
        MaskRule.rigl(.3, 13),
        MaskRule.set(.3, 13, 3));
  }

  /**
   * Every triple of criterion, distribution and pattern, and every pair with a schedule and a rule;
   * in the long form everything with everything.
   */
  private static final List<int[]> ROWS = rows();

  private static List<int[]> rows() {
    int distributions = distributions().size();
    return Pairwise.rows(
            schedules().size(),
            criteria().size() * distributions,
            patterns().size(),
            rules().size())
        .stream()
        .map(
            row ->
                new int[] {row[0], row[1] / distributions, row[1] % distributions, row[2], row[3]})
        .toList();
  }

  private static final List<PrunableParameter> TENSORS =
      List.of(
          tensor("dense", "io", 'f', 8, 12),
          tensor("conv", "oipp", 'c', 6, 4, 3, 2),
          tensor("dense2", "io", 'f', 12, 5),
          tensor("lstm", "ig", 'f', 8, 20));

  private static PrunableParameter tensor(String layer, String axes, char order, long... shape) {
    int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return new PrunableParameter(
        layer,
        "Some",
        "W",
        Role.WEIGHT,
        Arrays.stream(shape).boxed().toList(),
        KernelLayoutTest.layout(axes, order, shape),
        0,
        length);
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void everyCombinationObeysTheSameRules(SparsitySchedule schedule) {
    int ran = 0;
    int refused = 0;
    for (int[] row : ROWS) {
      if (!schedules().get(row[0]).equals(schedule)) {
        continue;
      }
      ImportanceCriterion criterion = criteria().get(row[1]);
      MaskRule rule = rules().get(row[4]);
      PruningConfig config;
      try {
        config =
            new PruningConfig(
                new UpdateTiming(schedule, 3),
                new PruningChoices(
                    criterion,
                    distributions().get(row[2]),
                    patterns().get(row[3]),
                    rule,
                    ParameterFilter.weights()));
      } catch (IllegalArgumentException e) {
        boolean expected =
            (schedule.falls() && !rule.followsFalls())
                || (rule instanceof MaskRule.HardThresholding
                    && criterion != StandardCriterion.MAGNITUDE);
        assertThat(expected).as(e.getMessage()).isTrue();
        continue;
      }
      if (new NoiseTraining(config, TENSORS).run()) {
        ran++;
      } else {
        refused++;
      }
    }
    assertThat(ran).isGreaterThan(4 * refused).isPositive();
  }
}
