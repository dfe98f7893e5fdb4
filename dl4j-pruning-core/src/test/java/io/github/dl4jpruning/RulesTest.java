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
import io.github.dl4jpruning.testing.NaivePruning;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** Rules and patterns on networks, after every iteration. */
class RulesTest {

  static List<IUpdater> updaters() {
    return List.of(new Sgd(0.1), new Nesterovs(0.05, 0.9), new Adam(0.01), new RmsProp(0.01));
  }

  /**
   * The weights that the listener keeps are not told apart from zeros, so they are made visible.
   */
  private static int due(double sparsity, long weights) {
    return (int) Math.floor(sparsity * weights + .5);
  }

  private static BitSet returned(BitSet before, BitSet after) {
    BitSet back = (BitSet) before.clone();
    back.andNot(after);
    return back;
  }

  /** Attention, capsules and the decoder of an autoencoder leave parts without a gradient. */
  private static final Set<Kind> HAS_WEIGHTS_WITHOUT_GRADIENT =
      EnumSet.of(Kind.SEQUENCE, Kind.CAPSULES, Kind.VOLUME, Kind.AUTOENCODER);

  @ParameterizedTest
  @MethodSource("updaters")
  void regrowFollowsAScheduleThatFalls(IUpdater updater) {
    for (Kind kind : Kind.values()) {
      if (kind == Kind.WRAPPED) {
        continue; // a weight of a frozen layer does not move when it has returned
      }
      Recipe recipe = Recipe.of(kind).with(updater);
      MultiLayerNetwork network = recipe.build();
      long weights = Invariants.weightCount(network);
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.denseSparseDense(.8, 1, 4, 6, 10))
              .updateEvery(1)
              .rule(MaskRule.regrow())
              .build();
      pruning.attachTo(network);
      for (int t = 0; t < 14; t++) {
        network.fit(recipe.batch(t));
        double asked = pruning.config().timing().sparsityAt(t, 0);
        assertThat(pruning.sparsity() * weights)
            .isEqualTo(due(asked, weights), org.assertj.core.data.Offset.offset(1e-6));
        int zeros = Invariants.zeroWeights(network).cardinality();
        if (asked == .8) {
          assertThat(zeros).isEqualTo(due(.8, weights));
          Invariants.checkUpdaterState(network, Invariants.zeroWeights(network));
        }
        // A weight that has returned moves, unless its gradient happens to be zero.
        int still = HAS_WEIGHTS_WITHOUT_GRADIENT.contains(kind) ? (int) weights : (int) weights / 5;
        assertThat(zeros).isBetween(0, due(asked, weights) + (asked < .8 ? still : 0));
      }
      assertThat(pruning.sparsity()).isZero();
      assertThat(network.params().sumNumber().doubleValue()).isFinite();
    }
  }

  @Test
  void aWeightThatReturnsStartsFromZeroWithFreshState() {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    List<BitSet> zeros = new ArrayList<>();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.denseSparseDense(.8, 1, 1, 5, 6))
            .updateEvery(1)
            .rule(MaskRule.regrow())
            .build();
    pruning.attachTo(network);
    network.addListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            // Behind the pruning listener: weights have just returned, and nothing was updated.
            zeros.add(Invariants.zeroWeights(network));
            if (network.getIterationCount() == 6) {
              Invariants.checkUpdaterState(network, zeros.get(5));
            }
          }
        });
    for (int t = 0; t < 7; t++) {
      network.fit(recipe.batch(t));
    }
    assertThat(zeros.get(6)).isEqualTo(zeros.get(5));
    assertThat(pruning.sparsity()).isZero();
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void hardThresholdingKeepsTheLargestAfterEveryStep(IUpdater updater) {
    for (Kind kind : List.of(Kind.DENSE, Kind.CONVOLUTION, Kind.LSTM)) {
      Recipe recipe = Recipe.of(kind).with(updater);
      MultiLayerNetwork network = recipe.build();
      long weights = Invariants.weightCount(network);
      PruningListener.builder()
          .schedule(SparsitySchedules.linear(0, .7, 1, 5))
          .updateEvery(2)
          .rule(MaskRule.hardThresholding())
          .build()
          .attachTo(network);
      for (int t = 0; t < 12; t++) {
        network.fit(recipe.batch(t));
        if (t >= 5) {
          assertThat(Invariants.zeroWeights(network).cardinality()).isEqualTo(due(.7, weights));
        }
      }
    }
  }

  @Test
  void hardThresholdingIsTheTextbookIteration() {
    Recipe recipe = Recipe.of(Kind.DENSE); // plain SGD
    MultiLayerNetwork ours = recipe.build();
    MultiLayerNetwork plain = recipe.build();
    PruningListener.builder()
        .schedule(SparsitySchedules.constant(.6))
        .rule(MaskRule.hardThresholding())
        .build()
        .attachTo(ours);
    int count = due(.6, Invariants.weightCount(plain));
    BitSet seen = new BitSet();
    int returns = 0;
    // Thresholding at the start, as the listener does at its first update.
    plain.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            if (plain.getIterationCount() == 0) {
              threshold(plain, count);
            }
          }

          @Override
          public void iterationDone(Model model, int iteration, int epoch) {
            threshold(plain, count);
          }
        });
    for (int t = 0; t < 20; t++) {
      ours.fit(recipe.batch(t));
      plain.fit(recipe.batch(t));
      assertThat(ours.params().toDoubleVector()).isEqualTo(plain.params().toDoubleVector());
      BitSet zeros = Invariants.zeroWeights(ours);
      returns += returned(seen, zeros).cardinality();
      seen = zeros;
    }
    assertThat(returns).as("weights that came back").isPositive();
  }

  private static void threshold(MultiLayerNetwork network, int count) {
    INDArray params = network.params().reshape(network.params().length());
    NaivePruning.smallest(network, count).forEach(i -> params.putScalar(i, 0.0));
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void exchangesKeepTheNumberAndMoveTheMasks(IUpdater updater) {
    for (MaskRule rule : List.of(MaskRule.rigl(.3, 12), MaskRule.set(.3, 12, 5))) {
      for (Kind kind : List.of(Kind.DENSE, Kind.SEPARABLE, Kind.GRAVES_LSTM)) {
        Recipe recipe = Recipe.of(kind).with(updater);
        MultiLayerNetwork network = recipe.build();
        long weights = Invariants.weightCount(network);
        PruningListener pruning =
            PruningListener.builder()
                .schedule(SparsitySchedules.constant(.6))
                .updateEvery(3)
                .distribution(SparsityDistribution.erdosRenyiKernel())
                .rule(rule)
                .build();
        pruning.attachTo(network);
        BitSet removed = new BitSet();
        int moved = 0;
        int checked = 0;
        for (int t = 0; t < 18; t++) {
          network.fit(recipe.batch(t));
          BitSet zeros = Invariants.zeroWeights(network);
          assertThat(Math.round(pruning.sparsity() * weights)).isEqualTo(due(.6, weights));
          assertThat(zeros.cardinality()).isGreaterThanOrEqualTo(due(.6, weights));
          int back = returned(removed, zeros).cardinality();
          // A weight that has grown may be zero for want of a gradient; else zeros are the removed.
          if (zeros.cardinality() == due(.6, weights)) {
            Invariants.checkUpdaterState(network, zeros);
            checked++;
          }
          moved += t % 3 == 0 && t > 0 && t < 12 ? back : 0;
          if (t > 12) {
            assertThat(back).as("after the end").isZero();
          }
          removed = zeros;
        }
        assertThat(moved).as("%s %s", rule, kind).isPositive();
        assertThat(checked).as("%s %s", rule, kind).isGreaterThan(6);
      }
    }
  }

  @Test
  void riglGrowsWhereTheGradientIsLargest() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener.builder()
        .schedule(SparsitySchedules.constant(.5))
        .updateEvery(2)
        .parameters(ParameterFilter.weights().onlyLayers("hidden"))
        .rule(MaskRule.rigl(.4, 1000))
        .build()
        .attachTo(network);
    double[][] gradient = new double[1][];
    network.fit(recipe.batch(0));
    network.fit(recipe.batch(1));
    INDArray view = network.getLayer(0).getParam("W");
    double[] before = view.dup('f').reshape('f', 1, view.length()).toDoubleVector();
    List<org.deeplearning4j.optimize.api.TrainingListener> listeners =
        new ArrayList<>(network.getListeners());
    listeners.add(
        0,
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            int offset = (int) (view.data().offset() - network.params().data().offset());
            double[] all = network.getFlattenedGradients().dup().toDoubleVector();
            gradient[0] = Arrays.copyOfRange(all, offset, offset + before.length);
          }
        });
    network.setListeners(listeners);
    network.fit(recipe.batch(2));
    double[] after = view.dup('f').reshape('f', 1, view.length()).toDoubleVector();

    int kept = (int) Arrays.stream(before).filter(w -> w != 0).count();
    int exchanged = (int) Math.floor(.4 / 2 * (1 + Math.cos(Math.PI * 2 / 1000)) * kept + .5);
    Integer[] byMagnitude =
        IntStream.range(0, before.length)
            .filter(i -> before[i] != 0)
            .boxed()
            .toArray(Integer[]::new);
    Arrays.sort(byMagnitude, Comparator.comparingDouble(i -> Math.abs(before[i])));
    BitSet survivors = new BitSet();
    Arrays.stream(byMagnitude).skip(exchanged).forEach(survivors::set);
    Integer[] byGradient =
        IntStream.range(0, before.length)
            .filter(i -> !survivors.get(i))
            .boxed()
            .toArray(Integer[]::new);
    Arrays.sort(
        byGradient,
        Comparator.comparingDouble((Integer i) -> -Math.abs(gradient[0][i]))
            .thenComparing(Comparator.naturalOrder()));
    BitSet expected = (BitSet) survivors.clone();
    Arrays.stream(byGradient).limit(exchanged).forEach(expected::set);
    BitSet found = new BitSet();
    IntStream.range(0, after.length).filter(i -> after[i] != 0).forEach(found::set);
    assertThat(found).isEqualTo(expected);
  }

  // ------------------------------------------------------------------------------ patterns

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
        assertThat(returned(removed, zeros).cardinality()).as("%s, iteration %d", kind, t).isZero();
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
  void regrowTakesACriterionThatIsNoNumberAtRemovedWeights() {
    for (SparsityPattern pattern :
        List.of(SparsityPattern.unstructured(), SparsityPattern.block(2, 2))) {
      Recipe recipe = Recipe.of(Kind.CONVOLUTION);
      MultiLayerNetwork network = recipe.build();
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.linear(.3, .6, 0, 4))
              .updateEvery(1)
              .pattern(pattern)
              .rule(MaskRule.regrow())
              .criterion(
                  tensor ->
                      Arrays.stream(tensor.weights()).map(w -> Math.log(Math.abs(w))).toArray())
              .build();
      pruning.attachTo(network);
      for (int t = 0; t < 6; t++) {
        network.fit(recipe.batch(t));
      }
      assertThat(pruning.sparsity()).isBetween(.55, .65);
    }
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
