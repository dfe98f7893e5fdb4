package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Penalty;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.testing.Pairwise;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The promise, over updater × penalty × clipping × constraint × layer type × data type: after every
 * iteration every removed weight is exactly zero, none comes back, their number is the scheduled
 * one, and their updater state is at its start.
 */
@Execution(ExecutionMode.CONCURRENT)
class EveryIterationTest {

  private static final int END = 5;
  private static final double FINAL = 0.8;

  static List<IUpdater> updaters() {
    return List.of(
        new Sgd(0.1),
        new Nesterovs(0.05, 0.9),
        new Adam(0.01),
        new RmsProp(0.01),
        new AdaGrad(0.05),
        new AdaDelta(),
        new AMSGrad(0.01),
        new Nadam(0.01),
        new AdaMax(0.01));
  }

  /** Every layer type: {@link Kind#RECURRENT} has those of the three kinds that are left out. */
  private static final List<Kind> KINDS =
      List.of(
          Kind.DENSE,
          Kind.CONVOLUTION,
          Kind.SEPARABLE,
          Kind.RECURRENT,
          Kind.WRAPPED,
          Kind.SEQUENCE,
          Kind.CAPSULES,
          Kind.VOLUME,
          Kind.AUTOENCODER);

  private static final List<Penalty> PENALTIES = List.of(Penalty.values());

  /** In the long form DOUBLE is tried without penalty, clipping and constraint alone. */
  private static final List<DataType> TYPES = List.of(DataType.FLOAT, DataType.DOUBLE);

  private static final List<GradientNormalization> CLIPPINGS =
      List.of(
          GradientNormalization.None,
          GradientNormalization.ClipElementWiseAbsoluteValue,
          GradientNormalization.ClipL2PerLayer);

  /** A recipe for a network of either type. */
  record Case(Recipe recipe, boolean graph) {}

  /**
   * In the long form every combination. In the short one each updater with each kind of layer in
   * each type of network, and every pair of all other choices.
   */
  static Stream<Case> matrix() {
    int kinds = KINDS.size();
    return Pairwise.rows(
            updaters().size(), 2 * kinds, PENALTIES.size(), CLIPPINGS.size(), 2, TYPES.size())
        .stream()
        .filter(row -> !LongForm.isOn() || row[5] == 0 || row[2] + row[3] + row[4] == 0)
        .map(
            row ->
                new Case(
                    Recipe.of(KINDS.get(row[1] % kinds))
                        .with(updaters().get(row[0]))
                        .with(PENALTIES.get(row[2]))
                        .with(CLIPPINGS.get(row[3]))
                        .withMaxNorm(row[4] == 1)
                        .with(TYPES.get(row[5])),
                    row[1] >= kinds));
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void removedWeightsStayRemoved(Case tried) {
    Recipe recipe = tried.recipe();
    check(tried.graph() ? recipe.buildGraph() : recipe.build(), recipe);
  }

  private static void check(Model network, Recipe recipe) {
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, FINAL, 1, END))
            .updateEvery(2)
            .distribution(SparsityDistribution.global())
            .build();
    pruning.attachTo(network);
    long weights = Invariants.weightCount(network);
    BitSet removed = new BitSet();

    for (int t = 0; t < END + 2; t++) {
      boolean emptied = recipe.kind() == Kind.CAPSULES && hasEmptyCapsule(network);
      Networks.fit(network, recipe.batch(t));
      if (emptied && Double.isNaN(network.params().sumNumber().doubleValue())) {
        return; // the promise is for finite gradients, and there DL4J has none
      }

      BitSet zeros = Invariants.zeroWeights(network);
      BitSet back = (BitSet) removed.clone();
      back.andNot(zeros);
      assertThat(back.cardinality()).as("weights that came back at iteration %d", t).isZero();
      long due = Math.round(pruning.sparsity() * weights);
      assertThat(zeros.cardinality()).as("zeros at iteration %d", t).isEqualTo((int) due);
      if (t < 2) {
        assertThat(due).isZero();
      }
      if (t >= END) {
        assertThat(due).isEqualTo((long) Math.floor(FINAL * weights + 0.5));
      }
      removed = zeros;
      Invariants.checkUpdaterState(network, removed);
    }
    assertThat(network.params().sumNumber().doubleValue()).isFinite();
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(1.0 / weights));
  }

  /**
   * Whether all weights of a capsule are removed: of the norm that DL4J's CapsuleStrengthLayer
   * takes of it the gradient is NaN. Weights are [1, inputs, capsules · dimensions,
   * inputDimensions, 1].
   */
  private static boolean hasEmptyCapsule(Model network) {
    INDArray weights =
        Invariants.weights(network).stream()
            .map(Invariants.Weights::view)
            .filter(view -> view.rank() == 5)
            .findFirst()
            .orElseThrow();
    for (long column = 0; column < weights.size(2); column += Networks.CAPSULE_DIMENSIONS) {
      double sum = 0.0;
      for (long i = 0; i < weights.size(1); i++) {
        for (long d = 0; d < Networks.CAPSULE_DIMENSIONS; d++) {
          for (long k = 0; k < weights.size(3); k++) {
            sum += Math.abs(weights.getDouble(0, i, column + d, k, 0));
          }
        }
      }
      if (sum == 0.0) {
        return true;
      }
    }
    return false;
  }
}
