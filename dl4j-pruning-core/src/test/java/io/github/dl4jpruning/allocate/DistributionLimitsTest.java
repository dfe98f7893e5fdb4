package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.mask.TensorScores;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is removed already, what a floor keeps, and units of several weights are in the way. */
class DistributionLimitsTest {

  /** Scores 1, 2, 3 and so on, of which the first ones are removed. */
  private static Contender contender(String layer, int weights, int removed) {
    PrunableParameter parameter = Tensors.parameter(layer, weights);
    double[] scores = IntStream.rangeClosed(1, weights).asDoubleStream().toArray();
    boolean[] kept = new boolean[weights];
    Arrays.fill(kept, removed, weights, true);
    return new Contender(
        parameter, new ScoredTensor(parameter.name(), scores, Mask.of(kept)), 1, Double.NaN);
  }

  /** Units of four weights with the scores 1, 2, 3 and so on. */
  private static Contender blocks(String layer, int units) {
    int weights = 4 * units;
    PrunableParameter parameter = Tensors.parameter(layer, weights);
    double[] scores = IntStream.range(0, weights).map(i -> 1 + i / 4).asDoubleStream().toArray();
    TensorScores tensor =
        new TensorScores(
            parameter.name(), parameter.layout(), scores, Mask.dense(weights), Optional.empty());
    return new Contender(parameter, SparsityPattern.block(4, 1).units(tensor), 1, Double.NaN);
  }

  private static long[] removed(
      SparsityDistribution distribution, List<Contender> tensors, Due due) {
    long[] removed = new long[tensors.size()];
    for (RemovalPool pool : distribution.allocate(tensors, due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> tensors.get(t).tensor()).toList();
      List<Mask> masks = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < masks.size(); m++) {
        ScoredTensor tensor = members.get(m);
        removed[pool.tensors().get(m)] = tensor.weights() - tensor.sizes().kept(masks.get(m));
      }
    }
    return removed;
  }

  private static Due half() {
    return new Due(0.5, 1.0);
  }

  // ------------------------------------------------------------------------------ what is removed

  @Test
  void whatIsRemovedCountsForTheTotal() {
    List<Contender> tensors = List.of(contender("a", 10, 8), contender("b", 10, 0));
    for (SparsityDistribution exact :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.erdosRenyiKernel(),
            SparsityDistribution.lamp())) {
      assertThat(removed(exact, tensors, new Due(0.6, 1.0))).as("%s", exact).containsExactly(8, 4);
    }
    assertThat(removed(SparsityDistribution.threshold(3.5), tensors, half())).containsExactly(8, 3);
  }

  /** Of the first two are left, so the other keeps six, and not four. */
  @Test
  void noKernelIsToKeepMoreThanItHas() {
    List<RemovalPool> pools =
        SparsityDistribution.erdosRenyiKernel()
            .allocate(List.of(contender("a", 10, 8), contender("b", 10, 0)), new Due(0.6, 1.0));

    assertThat(pools).extracting(RemovalPool::removed).containsExactly(8.0, 4.0);
  }

  /** By LAMP the small tensor would go first, but it has one weight left. */
  @Test
  void lampTakesFromOthersWhatATensorDoesNotHave() {
    List<Contender> tensors =
        List.of(contender("a", 6, 5), contender("b", 6, 3), contender("c", 6, 0));

    assertThat(Arrays.stream(removed(SparsityDistribution.lamp(), tensors, half())).sum())
        .isEqualTo(9);
    assertThat(removed(SparsityDistribution.lamp(), tensors, new Due(0.8, 1.0)))
        .containsExactly(5, 4, 5);
    List<Contender> floored = List.of(contender("a", 6, 2).keepingAtLeast(3), contender("c", 6, 0));
    assertThat(removed(SparsityDistribution.lamp(), floored, new Due(0.6, 1.0)))
        .containsExactly(3, 4);
    assertThat(removed(SparsityDistribution.lamp(), floored, new Due(8 / 12.0, 1.0)))
        .containsExactly(3, 5);
  }

  @Test
  void uniformGoesAroundFloorsFromWhatIsRemoved() {
    List<Contender> tensors =
        List.of(
            contender("a", 10, 8), contender("b", 10, 0).keepingAtLeast(8), contender("c", 10, 0));

    assertThat(removed(SparsityDistribution.uniform(), tensors, new Due(0.4, 1.0)))
        .containsExactly(8, 2, 2);
  }

  /** A total that was shared out again would be 3, 3, 3, 2 and 11. */
  @Test
  void uniformRoundsEachTensorUnlessAFloorIsInTheWay() {
    SparsityDistribution uniform = SparsityDistribution.uniform();
    List<Contender> tensors =
        IntStream.of(5, 5, 5, 5, 20, 1)
            .mapToObj(size -> contender("layer" + size, size, 0))
            .toList();

    assertThat(removed(uniform, tensors, half())).containsExactly(3, 3, 3, 3, 10, 0);
    assertThat(removed(uniform.neverAbove("layer20", 0.5), tensors, half()))
        .containsExactly(3, 3, 3, 3, 10, 0);
  }

  @Test
  void moreThanMayGoIsRefusedAtOnce() {
    List<Contender> tensors = List.of(contender("a", 10, 0).keepingAtLeast(6));
    for (SparsityDistribution exact :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.uniform(),
            SparsityDistribution.erdosRenyiKernel(),
            SparsityDistribution.lamp())) {
      assertThatThrownBy(() -> exact.allocate(tensors, half()))
          .as("%s", exact)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "cannot remove 5 weights: at most 4 may go, 1 fewer; floors and the pattern keep a.W"
                  + " 6 of 10");
    }
  }

  // ------------------------------------------------------------------------------ units

  /** To the nearest unit, 12 weights would be left. */
  @Test
  void aBudgetIsNotExceededByALargeUnit() {
    List<Contender> tensors = List.of(blocks("a", 5));
    SparsityDistribution budget = SparsityDistribution.budget(11);

    assertThat(removed(budget, tensors, half())).containsExactly(12);
    assertThat(removed(budget, tensors, new Due(0.0, 0.0))).containsExactly(0);
    assertThat(removed(SparsityDistribution.budget(4), List.of(contender("b", 10, 0)), half()))
        .containsExactly(6);
  }

  /** Uniform rounds each tensor of three down to one until half of it is due. */
  @Test
  void aBudgetOfWholeUnitsIsMetToTheUnit() {
    for (int budget = 4; budget <= 16; budget += 4) {
      assertThat(removed(SparsityDistribution.budget(budget), List.of(blocks("a", 5)), half()))
          .containsExactly(20 - budget);
    }
  }

  @Test
  void aBudgetIsMetHoweverOthersRound() {
    List<Contender> tensors =
        IntStream.range(0, 100).mapToObj(i -> contender("layer" + i, 3, 0)).toList();
    SparsityDistribution budget = new BudgetDistribution(160, SparsityDistribution.uniform());

    assertThat(Arrays.stream(removed(budget, tensors, half())).sum()).isGreaterThanOrEqualTo(140);
  }

  @Test
  void aBudgetThatIsNeverMetIsRefused() {
    SparsityDistribution idle =
        (tensors, due) -> List.of(new RemovalPool(List.of(0), 2.0, List.of(1L)));

    assertThatThrownBy(
            () -> new BudgetDistribution(3, idle).allocate(List.of(contender("a", 10, 0)), half()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be met: 5 weights too many are kept");
    assertThatThrownBy(
            () ->
                SparsityDistribution.budget(1)
                    .allocate(List.of(contender("a", 2, 0), contender("b", 2, 0)), half()))
        .hasMessage("a budget of 1 weights is 1 too few: each of the 2 tensors keeps at least one");
  }

  /** A channel counts as one weight, whatever its shape. */
  @Test
  void kernelsOfUnitsHaveTheShareOfTheirUnits() {
    PrunableParameter wide = Tensors.parameter("wide", 4, 40);
    PrunableParameter narrow = Tensors.parameter("narrow", 20, 20);
    List<Contender> tensors =
        List.of(
            new Contender(wide, scored(40), 1, Double.NaN),
            new Contender(narrow, scored(20), 1, Double.NaN));

    // 44 · 40 / 160 is 11, and 40 · 20 / 400 is 2: of 26 channels 22 and 4 stay.
    assertThat(removed(SparsityDistribution.erdosRenyiKernel(), tensors, new Due(34 / 60.0, 1.0)))
        .containsExactly(18, 16);
  }

  private static ScoredTensor scored(int units) {
    return new ScoredTensor(
        "t", IntStream.range(0, units).asDoubleStream().toArray(), Mask.dense(units));
  }

  @Test
  void deviationsScaleAThreshold() {
    Contender plain = contender("a", 10, 0);
    Contender wide = new Contender(plain.parameter(), plain.tensor(), 1, 3.0);

    assertThat(removed(SparsityDistribution.thresholdInDeviations(2), List.of(wide), half()))
        .containsExactly(5); // those below 6
  }

  // ------------------------------------------------------------------------------ targets

  /** Each target and the total are rounded, so one weight more or less is no error. */
  @Test
  void targetsMayMissTheTotalByTheirRounding() {
    List<Contender> tensors = List.of(contender("a", 10, 0), contender("b", 10, 0));
    SparsityDistribution low = SparsityDistribution.global().withTarget("a", 0.5);
    assertThat(removed(low, tensors, new Due(15 / 20.0, 1.0))).containsExactly(5, 9);
    assertThatThrownBy(() -> removed(low, tensors, new Due(16 / 20.0, 1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would have to lose 11 of their 10 weights, 2 too many");
    SparsityDistribution high = SparsityDistribution.global().withTarget("a", 0.9);
    assertThat(removed(high, tensors, new Due(8 / 20.0, 1.0))).containsExactly(9, 0);
    assertThatThrownBy(() -> removed(high, tensors, new Due(7 / 20.0, 1.0)))
        .hasMessageContaining("would have to lose -2 of their 10 weights, 2 too few");
  }

  @Test
  void aFloorThatFitsNothingNamesWhatThereIs() {
    SparsityDistribution floor = SparsityDistribution.global().neverAbove("c", 0.5);
    assertThatThrownBy(
            () -> floor.allocate(List.of(contender("a", 2, 0), contender("b", 2, 0)), half()))
        .hasMessage(
            "expected a layer that matches c, which has a floor, but the parameters are [a.W,"
                + " b.W]");
  }

  @Test
  void aContenderKnowsItsLimits() {
    Contender some = contender("a", 10, 4);
    assertThat(some.mostRemoved()).isEqualTo(9);
    assertThat(some.keepingAtLeast(8).mostRemoved()).as("what is gone is gone").isEqualTo(4);
    assertThat(some.keepingAtLeast(3).mostRemoved()).isEqualTo(7);
    assertThat(some.keepingAtLeast(30).keep()).isEqualTo(10);
    assertThat(some.keepingAtLeast(3).keepingAtLeast(2).keep()).isEqualTo(3);
    assertThat(blocks("b", 3).fewest()).isEqualTo(4);
    assertThat(blocks("b", 3).keepingAtLeast(5).fewest()).isEqualTo(5);
    assertThat(some.tensor().prior()).isEqualTo(mask(0, 0, 0, 0, 1, 1, 1, 1, 1, 1));
  }
}
