package io.github.dl4jpruning.oneshot;

import static io.github.dl4jpruning.oneshot.OneShotPrunerTest.batches;
import static io.github.dl4jpruning.oneshot.OneShotPrunerTest.inputs;
import static io.github.dl4jpruning.oneshot.OneShotPrunerTest.perceptron;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Criteria in place of a ranking by reconstruction. */
class OneShotCriteriaTest {

  @Test
  void shouldTakeACriterionOfGradientsIfThereAreLabels() {
    MultiLayerNetwork network = perceptron(DataType.FLOAT);
    INDArray features = inputs(DataType.FLOAT, 40, 12);
    OneShotPruner pruner =
        OneShotPruner.builder().sparsity(0.5).criterion(ImportanceCriterion.taylor()).build();

    assertThatThrownBy(() -> pruner.prune(network, batches(features)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a gradient, so calibration must have labels");

    DataSet labelled = new DataSet(features, Nd4j.eye(3).getRows(new int[40]));
    OneShotResult<MultiLayerNetwork> result =
        pruner.prune(network, new ListDataSetIterator<>(labelled.asList(), 16));
    assertThat(result.sparsity()).isCloseTo(0.5, within(0.01));
    assertThatThrownBy(
            () ->
                OneShotPruner.builder()
                    .sparsity(.5)
                    .criterion(ImportanceCriterion.movement())
                    .build())
        .hasMessageContaining("criterion must be one that needs no steps of training");
  }

  /** Criteria with a memory see the calibration data as if it were training. */
  @Test
  void shouldTakeCriteriaThatSeeInputsAndSquaredGradients() {
    MultiLayerNetwork network = perceptron(DataType.DOUBLE);
    INDArray features = inputs(DataType.DOUBLE, 48, 12);
    INDArray labels = Nd4j.eye(3).castTo(DataType.DOUBLE).getRows(new int[48]);
    DataSet all = new DataSet(features, labels);
    INDArray weights = network.getParam("0_W").dup();
    INDArray squares = Nd4j.zeros(DataType.DOUBLE, 12, 16);
    for (DataSet batch : all.batchBy(16)) {
      network.setInput(batch.getFeatures());
      network.setLabels(batch.getLabels());
      network.computeGradientAndScore();
      INDArray gradient = network.gradient().getGradientFor("0_W").div(16);
      squares.addi(gradient.mul(gradient));
    }
    INDArray fisher = weights.mul(weights).muli(squares);
    INDArray activation =
        Transforms.abs(weights).muliColumnVector(features.norm2(0).reshape(12, 1));
    Map.of(ImportanceCriterion.fisher(), fisher, ImportanceCriterion.activation(), activation)
        .forEach(
            (criterion, scores) -> {
              INDArray after =
                  OneShotPruner.builder()
                      .sparsity(0.5)
                      .criterion(criterion)
                      .compensate(false)
                      .parameters(ParameterFilter.layers("layer0"))
                      .build()
                      .prune(network, new ListDataSetIterator<>(all.asList(), 16))
                      .network()
                      .getParam("0_W");
              double[] sorted = scores.dup('c').data().asDouble();
              Arrays.sort(sorted);
              for (int i = 0; i < 12; i++) {
                for (int o = 0; o < 16; o++) {
                  assertThat(after.getDouble(i, o) == 0.0)
                      .as("%s of %d, %d", criterion, i, o)
                      .isEqualTo(scores.getDouble(i, o) < sorted[96]);
                }
              }
            });
  }
}
