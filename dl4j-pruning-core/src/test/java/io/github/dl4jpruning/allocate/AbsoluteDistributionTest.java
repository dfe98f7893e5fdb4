package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.allocate.DistributionFixtures.due;
import static io.github.dl4jpruning.allocate.DistributionFixtures.removed;
import static io.github.dl4jpruning.allocate.DistributionFixtures.sized;
import static io.github.dl4jpruning.testing.Tensors.contender;
import static io.github.dl4jpruning.testing.Tensors.contenders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Distributions with an end of their own: thresholds, budgets, and targets for single layers. */
class AbsoluteDistributionTest {

  @Test
  void thresholdRemovesWhatIsBelow() {
    List<Contender> tensors = List.of(contender("a", .1, .2, .3), contender("b", .15, .05));
    SparsityDistribution threshold = SparsityDistribution.threshold(0.2);

    assertThat(removed(threshold, tensors, new Due(0.5, 1.0))).containsExactly(1, 1);
    assertThat(removed(threshold, tensors, new Due(0.5, 0.5))).containsExactly(0, 1);
    assertThat(removed(threshold, tensors, new Due(0.5, 0.0))).containsExactly(0, 0);
    assertThat(removed(SparsityDistribution.threshold(9), tensors, new Due(0.5, 1)))
        .containsExactly(2, 1);
  }

  @Test
  void oneDeviationOfANormalDistributionRemovesWhatItShould() {
    Random random = new Random(7);
    double[] magnitudes =
        IntStream.range(0, 200_000).mapToDouble(i -> Math.abs(random.nextGaussian())).toArray();
    Contender normal = contender("a", magnitudes);
    Contender known = new Contender(normal.parameter(), normal.tensor(), 1, 1.0);

    long removed =
        removed(SparsityDistribution.thresholdInDeviations(1), List.of(known), new Due(.5, 1))[0];

    assertThat(removed / 200_000.0).isCloseTo(.6827, within(.005));
  }

  @Property
  void aBudgetIsNeverExceeded(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 200) Integer> sizes,
      @ForAll @IntRange(min = 5, max = 1000) int budget) {
    List<Contender> tensors = sized(sizes);
    long all = sizes.stream().mapToLong(Integer::longValue).sum();
    for (SparsityDistribution of :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.uniform(),
            SparsityDistribution.erdosRenyiKernel(),
            SparsityDistribution.lamp())) {
      long[] removed = removed(new BudgetDistribution(budget, of), tensors, new Due(.9, 1));
      long left = all - Arrays.stream(removed).sum();
      assertThat(left).as("%s", of).isLessThanOrEqualTo(budget);
      if (!of.equals(SparsityDistribution.uniform())) {
        assertThat(left).isEqualTo(Math.min(all, budget));
      }
    }
    long[] half = removed(SparsityDistribution.budget(budget), tensors, new Due(.9, .5));
    assertThat(Arrays.stream(half).sum())
        .isEqualTo((long) Math.floor(0.5 * Math.max(0, all - budget) + 0.5));
  }

  @Test
  void targetsHoldAndTheOthersMakeUpTheDifference() {
    List<Contender> tensors =
        contenders(new long[][] {{20, 3, 5, 5}, {100, 50}, {50, 10}}); // 1500, 5000, 500
    SparsityDistribution distribution =
        SparsityDistribution.uniform().withTarget("layer2", 0.5).withTypeTarget("Conv*", 0.2);

    assertThat(removed(distribution, tensors, new Due(0.6, 1.0)))
        .containsExactly(300, 4200 - 300 - 250, 250);
    assertThat(removed(distribution, tensors, new Due(0.3, 0.5)))
        .containsExactly(150, 2100 - 150 - 125, 125);
    assertThatThrownBy(() -> removed(distribution, tensors, new Due(0.9, 1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.9")
        .hasMessageContaining("layer1.W")
        .hasMessageContaining("751 too many");
    assertThatThrownBy(
            () ->
                removed(
                    SparsityDistribution.global().withTarget("layer1", 0.9),
                    tensors,
                    new Due(0.5, 1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000 too few");
  }

  @Test
  void whereEveryTensorHasATargetTheTargetsAreTheTotal() {
    List<Contender> tensors = contenders(new long[][] {{10, 10}, {10, 20}});

    assertThat(
            removed(
                SparsityDistribution.global().withTarget("layer0", .3).withTarget("*", .8),
                tensors,
                new Due(0.9, 1.0)))
        .containsExactly(30, 160);
  }

  @Test
  void targetsThatAreRoundedUpDoNotStopTheTraining() {
    List<Contender> tensors = sized(List.of(10, 10, 10, 10, 10, 10));
    SparsityDistribution distribution = SparsityDistribution.global();
    for (int layer = 0; layer < 5; layer++) {
      distribution = distribution.withTarget("layer" + layer, .5);
    }
    for (int t = 0; t <= 10; t++) {
      assertThat(removed(distribution, tensors, new Due(25 / 60.0 * t / 10, t / 10.0))).hasSize(6);
    }
  }

  @Test
  void targetsGoInsideOfBudgetsAndFloors() {
    List<Contender> tensors = contenders(new long[][] {{1000}, {100}});
    SparsityDistribution budget = SparsityDistribution.budget(100).withTarget("layer1", .5);

    assertThat(removed(budget, tensors, new Due(.5, 1))).containsExactly(950, 50);
    SparsityDistribution floor =
        SparsityDistribution.global().neverAbove("layer1", .2).withTarget("layer1", .3);
    assertThat(removed(floor, tensors, new Due(.5, 1))[1]).isEqualTo(20);
    for (SparsityDistribution own :
        List.of(
            SparsityDistribution.threshold(1), SparsityDistribution.threshold(1).neverAbove(.5))) {
      assertThatThrownBy(() -> own.withTarget("layer1", .5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shares out a total");
    }
    assertThatThrownBy(() -> new BudgetDistribution(5, SparsityDistribution.threshold(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sets its own total");
  }

  @Test
  void aThresholdRemovesNothingBeforeItsBegin() {
    List<Contender> tensors = List.of(contender("a", -3, 1, -.5));

    assertThat(removed(SparsityDistribution.threshold(1), tensors, new Due(0, 0)))
        .containsExactly(0);
  }

  @Test
  void aDistributionThatHasToKnowTheEndSaysSo() {
    for (SparsityDistribution absolute :
        List.of(
            SparsityDistribution.budget(5),
            SparsityDistribution.threshold(.1),
            SparsityDistribution.thresholdInDeviations(1),
            SparsityDistribution.global().withTarget("*", .5))) {
      assertThat(absolute.needsProgress()).isTrue();
      assertThatThrownBy(() -> absolute.allocate(sized(List.of(10)), due(.5)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("withPeak");
    }
  }
}
