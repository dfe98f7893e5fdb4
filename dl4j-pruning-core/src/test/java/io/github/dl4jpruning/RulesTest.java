package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
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

/**
 * Rules on networks, after every iteration: which weights return, start afresh, are kept or
 * exchanged.
 */
class RulesTest {

  static List<IUpdater> updaters() {
    return List.of(new Sgd(0.1), new Nesterovs(0.05, 0.9), new Adam(0.01), new RmsProp(0.01));
  }

  /** How many weights have to go, rounded half up. */
  private static int due(double sparsity, long weights) {
    return (int) Math.floor(sparsity * weights + .5);
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
      returns += Invariants.returned(seen, zeros).cardinality();
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
          int back = Invariants.returned(removed, zeros).cardinality();
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
}
