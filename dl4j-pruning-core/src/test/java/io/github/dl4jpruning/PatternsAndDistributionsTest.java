package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.RemovalPool;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.BitSet;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Patterns and distributions on networks, after every iteration; and choices that are refused, when
 * built or at the first update.
 */
class PatternsAndDistributionsTest {

  static List<SparsityPattern> patterns() {
    return List.of(
        SparsityPattern.keep(1).of(2),
        SparsityPattern.block(2, 3),
        SparsityPattern.channel(),
        SparsityPattern.channel(ChannelPattern.Axis.INPUT, ChannelPattern.Score.L2));
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void patternsHoldAfterEveryIteration(SparsityPattern pattern) {
    kinds:
    for (Kind kind : Kind.values()) {
      Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
      MultiLayerNetwork network = recipe.build();
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.linear(0, .3, 1, 7))
              .updateEvery(2)
              .pattern(pattern)
              .build();
      pruning.attachTo(network);
      BitSet removed = new BitSet();
      for (int t = 0; t < 10; t++) {
        network.fit(recipe.batch(t));
        if (kind == Kind.CAPSULES && Double.isNaN(network.params().sumNumber().doubleValue())) {
          // A norm has no gradient where a whole capsule is zero: DL4J's CapsuleStrengthLayer.
          assertThat(pattern).isInstanceOf(ChannelPattern.class);
          continue kinds;
        }
        BitSet zeros = Invariants.zeroWeights(network);
        assertThat(Invariants.returned(removed, zeros).cardinality())
            .as("%s, iteration %d", kind, t)
            .isZero();
        assertThat(zeros.cardinality())
            .isEqualTo((int) Math.round(pruning.sparsity() * Invariants.weightCount(network)));
        Invariants.checkUpdaterState(network, zeros);
        removed = zeros;
      }
      assertThat(pruning.sparsity()).as("%s", kind).isBetween(.2, .5);
    }
  }

  @Test
  void networkSlimmingReadsTheBatchNormalisationBehindALayer() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    INDArray gamma = network.getLayer(1).getParam("gamma");
    for (int i = 0; i < 11; i++) {
      gamma.putScalar(i, (i * 7 % 11 + 1) * (i % 2 == 0 ? 1 : -1));
    }
    PruningListener slimming =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(.4))
            .pattern(
                SparsityPattern.channel(
                    ChannelPattern.Axis.OUTPUT, ChannelPattern.Score.BATCH_NORM))
            .parameters(ParameterFilter.layers("hidden"))
            .build();
    slimming.attachTo(network);
    network.fit(recipe.batch(0));

    INDArray weights = network.getLayer(0).getParam("W");
    for (int unit = 0; unit < 11; unit++) {
      boolean gone = weights.getColumn(unit).norm1Number().doubleValue() == 0;
      assertThat(gone).as("unit %d", unit).isEqualTo(unit * 7 % 11 + 1 <= 4);
    }

    MultiLayerNetwork other = recipe.build();
    PruningListener all =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(.4))
            .pattern(
                SparsityPattern.channel(
                    ChannelPattern.Axis.OUTPUT, ChannelPattern.Score.BATCH_NORM))
            .build();
    all.attachTo(other);
    assertThatThrownBy(() -> other.fit(recipe.batch(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a batch normalisation");
    assertThat(all.sparsity()).isZero();
  }

  @Test
  void whatDoesNotGoTogetherIsRefusedWhenBuilt() {
    PruningListener.Builder builder =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(.5))
            .rule(MaskRule.hardThresholding())
            .criterion(ImportanceCriterion.taylor());
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("criterion must be magnitude, but is taylor");
    assertThatThrownBy(
            () ->
                PruningListener.builder()
                    .schedule(new org.nd4j.linalg.schedule.FixedSchedule(.5))
                    .distribution(SparsityDistribution.budget(100))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("withPeak");
    assertThatThrownBy(
            () ->
                PruningListener.builder()
                    .schedule(SparsitySchedules.constant(.5))
                    .rule(null)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rule must be set");
    assertThatThrownBy(() -> PruningListener.of(null)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBudgetIsMetToTheWeight() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0, .9, 1, 6))
        .updateEvery(2)
        .distribution(SparsityDistribution.budget(40))
        .build()
        .attachTo(network);
    for (int t = 0; t < 9; t++) {
      network.fit(recipe.batch(t));
    }
    assertThat(SparsityReport.of(network).nonZeros()).isEqualTo(40);
  }

  @Test
  void whateverACriterionThrowsIsSaidWithTheIteration() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener.builder()
        .schedule(SparsitySchedules.constant(.5))
        .criterion(
            tensor -> {
              throw new ArithmeticException("one by zero");
            })
        .build()
        .attachTo(network);
    assertThatThrownBy(() -> network.fit(recipe.batch(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("iteration 0")
        .hasMessageContaining("no mask was changed: one by zero");
  }

  @Test
  void aDistributionThatForgetsOrRepeatsATensorIsRefused() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    RemovalPool first = new RemovalPool(List.of(0), 3, List.of(1L));
    RemovalPool third = new RemovalPool(List.of(7), 3, List.of(1L));
    for (List<RemovalPool> pools :
        List.of(List.of(first), List.of(first, first), List.of(first, third))) {
      MultiLayerNetwork network = recipe.build();
      PruningListener.builder()
          .schedule(SparsitySchedules.constant(.5))
          .distribution((tensors, due) -> pools)
          .build()
          .attachTo(network);
      double[] before = network.params().toDoubleVector();
      assertThatThrownBy(() -> network.fit(recipe.batch(0)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no mask was changed");
      assertThat(network.params().toDoubleVector()).isEqualTo(before);
    }
  }
}
