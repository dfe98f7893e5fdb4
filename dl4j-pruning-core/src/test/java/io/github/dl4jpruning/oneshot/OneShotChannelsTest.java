package io.github.dl4jpruning.oneshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.select.ParameterFilter;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whole units that are removed at once. */
class OneShotChannelsTest {

  private static MultiLayerNetwork network() {
    return OneShotPrunerTest.network(
        DataType.DOUBLE,
        InputType.feedForward(6),
        new DenseLayer.Builder().nOut(8).build(),
        new DenseLayer.Builder().nOut(8).activation(Activation.IDENTITY).build(),
        new BatchNormalization(),
        new DenseLayer.Builder().nOut(6).build(),
        new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
  }

  /** Gamma and beta are masked with their channels, and the statistics follow all the same. */
  @Test
  void shouldLetBatchStatisticsFollow() {
    INDArray features = OneShotPrunerTest.inputs(DataType.DOUBLE, 200, 6);
    MultiLayerNetwork network = network();
    INDArray before = network.feedForward(features).get(2).mean(0);
    network.setParam("2_mean", before);

    MultiLayerNetwork pruned =
        OneShotPruner.builder()
            .sparsity(0.4)
            .pattern(SparsityPattern.coupledChannels())
            .build()
            .prune(network, OneShotPrunerTest.batches(features))
            .network();

    INDArray after = pruned.feedForward(features).get(2).mean(0);
    assertThat(pruned.getParam("2_mean").ravel().sub(after).amaxNumber().doubleValue())
        .isLessThan(1e-9);
    assertThat(after.sub(before).amaxNumber().doubleValue()).isGreaterThan(1e-3);
  }

  @Test
  void shouldLeaveLayersThatReadNoRemovedChannel() {
    INDArray features = OneShotPrunerTest.inputs(DataType.DOUBLE, 100, 6);
    MultiLayerNetwork network = network();

    OneShotResult<MultiLayerNetwork> result =
        OneShotPruner.builder()
            .sparsity(0.5)
            .pattern(SparsityPattern.coupledChannels())
            .parameters(ParameterFilter.layers("layer0"))
            .build()
            .prune(network, OneShotPrunerTest.batches(features));

    assertThat(result.layers().stream().map(LayerReport::layer))
        .containsExactly("layer0", "layer1");
    for (String untouched : new String[] {"3_W", "4_W"}) {
      assertThat(result.network().getParam(untouched)).isEqualTo(network.getParam(untouched));
    }
  }
}
