package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/**
 * A mask update refuses weights and gradients that are not finite, whether the criterion reads them
 * or not.
 */
class FiniteValuesTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private static Stream<ImportanceCriterion> criteria() {
    return Stream.of(
        ImportanceCriterion.magnitude(),
        ImportanceCriterion.random(1),
        ImportanceCriterion.gradient(),
        ImportanceCriterion.snip());
  }

  private static PruningListener halfOf(ImportanceCriterion criterion) {
    return PruningListener.builder()
        .schedule(SparsitySchedules.constant(0.5))
        .updateEvery(1)
        .criterion(criterion)
        .build();
  }

  private static void refuses(ImportanceCriterion criterion, boolean gradient, String message) {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = halfOf(criterion);
    pruning.attachTo(network);
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            INDArray values =
                gradient ? network.getFlattenedGradients() : network.getLayer(0).getParam("W");
            values.putScalar(2, Double.NaN);
          }
        },
        pruning);
    double[] before = network.params().toDoubleVector();

    assertThatThrownBy(() -> network.fit(DENSE.batch(1)))
        .as(criterion.toString())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mask update at iteration 0 refused, no mask was changed")
        .hasMessageContaining(message);

    assertThat(pruning.sparsity()).isZero();
    if (gradient) {
      assertThat(Arrays.equals(before, network.params().toDoubleVector())).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("criteria")
  void shouldRefuseWeights(ImportanceCriterion criterion) {
    refuses(criterion, false, "weights of hidden.W: expected finite values");
  }

  @ParameterizedTest
  @MethodSource("criteria")
  void shouldRefuseGradients(ImportanceCriterion criterion) {
    refuses(criterion, true, "gradient of hidden.W: expected finite values");
  }
}
