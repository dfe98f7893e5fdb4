package io.github.dl4jpruning.plan;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ExchangePlanTest {

  private static final double[] WEIGHTS = {5.0, 0.0, -1.0, 0.0, 4.0, 0.0, 2.0, 0.0};
  private static final double[] GRADIENTS = {9.0, 1.0, 8.0, -7.0, 9.0, 5.0, 3.0, 6.0};
  private static final Mask KEPT = mask(1, 0, 1, 0, 1, 0, 1, 0);

  private static Mask exchanged(
      MaskRule rule, SparsityPattern pattern, int iteration, Mask mask, double[] weights) {
    PrunableParameter parameter = Tensors.parameter("a", weights.length);
    WeightTensor tensor =
        new WeightTensor(
            parameter,
            iteration,
            weights::clone,
            () -> Arrays.copyOf(GRADIENTS, weights.length),
            memory -> new double[0]);
    double[] scores = Arrays.stream(weights).map(Math::abs).toArray();
    return new ExchangePlan((MaskRule.Exchange) rule, pattern, iteration)
        .masks(
            List.of(new TensorView(tensor, mask, Optional.empty())), List.of(scores), List.of(mask))
        .get(0);
  }

  private static Mask exchanged(MaskRule rule, int iteration, Mask mask) {
    return exchanged(rule, SparsityPattern.unstructured(), iteration, mask, WEIGHTS);
  }

  @Test
  void rigLDropsTheSmallestAndGrowsTheLargestGradient() {
    // Half of four go: those with 1 and 2. The largest gradients of what is removed then are 8 (of
    // the weight that was just dropped, so it comes back) and 7.
    assertThat(exchanged(MaskRule.rigl(0.5, 100), 0, KEPT)).isEqualTo(mask(1, 0, 1, 1, 1, 0, 0, 0));
    // One of four, as a quarter and as what is rounded to it.
    assertThat(exchanged(MaskRule.rigl(0.25, 100), 0, mask(1, 0, 0, 1, 1, 0, 1, 0)))
        .isEqualTo(mask(1, 0, 1, 0, 1, 0, 1, 0));
    assertThat(exchanged(MaskRule.rigl(0.13, 100), 0, mask(1, 0, 0, 1, 1, 0, 1, 0)))
        .isEqualTo(mask(1, 0, 1, 0, 1, 0, 1, 0));
  }

  @Test
  void whereNothingCanBeExchangedTheMaskStays() {
    MaskRule rigl = MaskRule.rigl(0.5, 100);
    assertThat(exchanged(rigl, 100, KEPT)).as("its time is over").isSameAs(KEPT);
    assertThat(exchanged(MaskRule.rigl(0.1, 100), 0, KEPT)).as("less than half").isSameAs(KEPT);
    Mask dense = Mask.dense(8);
    assertThat(exchanged(rigl, 0, dense)).as("nothing can grow").isSameAs(dense);
    Mask last = mask(0, 0, 1, 0, 0, 0, 0, 0);
    assertThat(exchanged(rigl, 0, last)).as("the last one stays").isSameAs(last);
  }

  @Test
  void oneWeightStaysWhateverTheFraction() {
    // Of two, 0.9 would be both.
    assertThat(exchanged(MaskRule.rigl(0.9, 100), 0, mask(1, 0, 0, 0, 1, 0, 0, 0)))
        .isEqualTo(mask(1, 0, 0, 0, 1, 0, 0, 0)); // the gradient of what was dropped is the largest
    assertThat(exchanged(MaskRule.rigl(0.9, 100), 0, mask(0, 1, 0, 0, 0, 1, 0, 0)))
        .isEqualTo(mask(1, 1, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void setGrowsByChanceAndTheSameChanceEachTime() {
    MaskRule set = MaskRule.set(0.5, 100, 7);
    Mask first = exchanged(set, 3, KEPT);

    assertThat(first.kept()).isEqualTo(4);
    assertThat(first.isKept(0) && first.isKept(4)).as("the two largest stay").isTrue();
    assertThat(exchanged(set, 3, KEPT)).isEqualTo(first);
    assertThat(
            IntStream.range(0, 20)
                .mapToObj(iteration -> exchanged(set, iteration, KEPT))
                .distinct()
                .count())
        .isGreaterThan(5);
  }

  /** A block at the edge is smaller, so to exchange it would change the number of weights. */
  @Example
  void blocksAtAnEdgeAreLeftAlone() {
    SparsityPattern pairs = SparsityPattern.block(2, 1);
    double[] weights = {1.0, 1.0, 0.0, 0.0, 3.0, 3.0, 0.5};

    assertThat(exchanged(MaskRule.rigl(0.5, 9), pairs, 0, mask(1, 1, 0, 0, 1, 1, 1), weights))
        .isEqualTo(mask(0, 0, 1, 1, 1, 1, 1));
    weights[6] = 0.0;
    assertThat(exchanged(MaskRule.rigl(0.5, 9), pairs, 0, mask(1, 1, 0, 0, 1, 1, 0), weights))
        .isEqualTo(mask(0, 0, 1, 1, 1, 1, 0));
  }

  @Property(tries = 100)
  void theNumberOfWeightsStays(
      @ForAll @IntRange(min = 1, max = 254) int bits, @ForAll @IntRange(max = 99) int iteration) {
    boolean[] kept = new boolean[8];
    for (int i = 0; i < 8; i++) {
      kept[i] = (bits >> i & 1) == 1;
    }
    Mask mask = Mask.of(kept);
    for (MaskRule rule : List.of(MaskRule.rigl(0.6, 100), MaskRule.set(0.6, 100, 3))) {
      assertThat(exchanged(rule, iteration, mask).kept()).isEqualTo(mask.kept());
    }
  }

  @Example
  void whatThePatternProtectsGrowsFirst() {
    // One of each group of four stays. After the drop the second group has none, so that its best
    // one comes back, although the gradients of the first group are larger.
    PrunableParameter parameter = Tensors.parameter("a", 8, 1);
    double[] weights = {5.0, 4.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0};
    double[] gradients = {9.0, 9.0, 8.0, 7.0, 3.0, 2.0, 1.0, 0.0};
    WeightTensor tensor =
        new WeightTensor(parameter, 0, weights::clone, gradients::clone, memory -> new double[0]);
    Mask mask = mask(1, 1, 0, 0, 0, 0, 1, 0);
    MaskRule.Exchange rigl = (MaskRule.Exchange) MaskRule.rigl(0.34, 9);

    assertThat(
            new ExchangePlan(rigl, SparsityPattern.keep(1).of(4), 0)
                .masks(
                    List.of(new TensorView(tensor, mask, Optional.empty())),
                    List.of(weights.clone()),
                    List.of(mask)))
        .containsExactly(mask(1, 1, 0, 0, 1, 0, 0, 0));
  }

  @Example
  void aGroupWithFewerWeightsThanThePatternKeepsGetsThemBack() {
    // Two of each group of four stay, but the first group came with one.
    Mask mask = mask(1, 0, 0, 0, 1, 1, 0, 0);
    double[] weights = {5.0, 0.0, 0.0, 0.0, 4.0, 3.0, 0.0, 0.0};
    PrunableParameter parameter = Tensors.parameter("a", 8, 1);
    WeightTensor tensor =
        new WeightTensor(parameter, 0, weights::clone, GRADIENTS::clone, memory -> new double[0]);
    MaskRule.Exchange rigl = (MaskRule.Exchange) MaskRule.rigl(0.34, 9);

    Mask grown =
        new ExchangePlan(rigl, SparsityPattern.keep(2).of(4), 0)
            .masks(
                List.of(new TensorView(tensor, mask, Optional.empty())),
                List.of(weights.clone()),
                List.of(mask))
            .get(0);

    assertThat(grown.kept()).isEqualTo(4);
    assertThat(grown.isKept(0)).isTrue();
  }
}
