package io.github.dl4jpruning.shrink;

import static io.github.dl4jpruning.shrink.ShrinkerFixtures.assertAlike;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.network;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.output;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.widths;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * How shrinking takes a channel out of certain layers: maps that are flattened, an LSTM,
 * convolutions along time, residual sums, and the whole of LeNet-5.
 */
class ShrinkerLayersTest {

  @Test
  void shouldTakeRowsOfTheLayerBehindAFlattenedMap() {
    // Test vector 33: channels {0, 2, 6} of 16 before a 4 × 4 map.
    MultiLayerNetwork network =
        network(
            InputType.convolutional(6, 6, 1),
            list ->
                list.layer(new ConvolutionLayer.Builder(3, 3).nOut(16).build())
                    .layer(new DenseLayer.Builder().nOut(7).build())
                    .layer(output()));
    INDArray rows = network.getLayer(1).getParam("W");
    for (int channel : new int[] {0, 2, 6}) {
      rows.get(NDArrayIndex.interval(16 * channel, 16 * channel + 16), NDArrayIndex.all())
          .assign(0);
    }

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(widths(smaller)).containsExactly(13, 7, 3);
    assertThat(smaller.getLayer(1).getParam("W").shape()).containsExactly(208, 7);
    assertThat(smaller.getLayer(1).getParam("W").getRow(0)).isEqualTo(rows.getRow(16));
    assertThat(smaller.getLayer(1).getParam("W").getRow(16)).isEqualTo(rows.getRow(48));
    assertAlike(network, smaller, 2, 1, 6, 6);
  }

  @Test
  void shouldTakeAUnitOfAnLstmWithAllOfIt() {
    MultiLayerNetwork network =
        network(
            InputType.recurrent(3),
            list ->
                list.layer(new LSTM.Builder().nOut(4).activation(Activation.TANH).build())
                    .layer(
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(3)
                            .activation(Activation.SOFTMAX)
                            .build()));
    network.getLayer(0).getParam("RW").getRow(1).assign(0);
    network.getLayer(1).getParam("W").getRow(1).assign(0);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(smaller.getLayer(0).getParam("W").shape()).containsExactly(3, 12);
    assertThat(smaller.getLayer(0).getParam("RW").shape()).containsExactly(3, 12);
    assertThat(smaller.getLayer(0).getParam("b").length()).isEqualTo(12);
    assertThat(smaller.getLayer(1).getParam("W").shape()).containsExactly(3, 3);
    assertAlike(network, smaller, 2, 3, 5);
  }

  @Test
  void shouldTakeAChannelOfASequenceConvolution() {
    // DL4J computes its kernel as [k, nIn, nOut], whatever its shape says.
    MultiLayerNetwork network =
        network(
            InputType.recurrent(3, 5),
            list ->
                list.layer(
                        new Convolution1DLayer.Builder(2)
                            .convolutionMode(ConvolutionMode.Same)
                            .nOut(4)
                            .build())
                    .layer(new Convolution1DLayer.Builder(2).nOut(4).build())
                    .layer(
                        new RnnOutputLayer.Builder(LossFunction.MSE)
                            .nOut(2)
                            .activation(Activation.IDENTITY)
                            .build()));
    network.getLayer(2).getParam("W").getRow(3).assign(0);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(widths(smaller)).containsExactly(4, 3, 2);
    assertAlike(network, smaller, 2, 3, 5);
  }

  @Test
  void shouldTieWhatAResidualSumAdds() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("in")
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(6).build(), "in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(6).build(), "stem")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "norm")
                .addLayer("out", output(), "sum")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(4, 4, 2))
                .build());
    graph.init();
    INDArray rows = graph.getLayer("out").getParam("W");
    rows.get(NDArrayIndex.interval(32, 48), NDArrayIndex.all()).assign(0); // channel 2 of the sum
    ComputationGraph read = NetworkShrinker.shrink(graph);
    assertThat(read.layerSize("stem")).isEqualTo(6); // the convolution in between still reads it

    graph.getLayer("conv").getParam("W").get(NDArrayIndex.all(), NDArrayIndex.point(2)).assign(0);
    ComputationGraph smaller = NetworkShrinker.shrink(graph);

    assertThat(smaller.layerSize("stem")).isEqualTo(5);
    assertThat(smaller.layerSize("conv")).isEqualTo(5);
    assertThat(smaller.getLayer("norm").getParam("gamma").length()).isEqualTo(5);
    INDArray input = Nd4j.rand(3, 2, 4, 4);
    assertThat(
            graph.outputSingle(input).sub(smaller.outputSingle(input)).amaxNumber().doubleValue())
        .isLessThan(1e-6);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void shouldHalveLeNet5(CNN2DFormat format) {
    // Test vector 34, in both layouts of images.
    MultiLayerNetwork network = leNet5(format, 20, 50, 500);
    assertThat(network.numParams()).isEqualTo(431_080);
    zeroEveryOtherReader(network, format);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(widths(smaller)).containsExactly(10, 25, 250, 10);
    assertThat(smaller.numParams())
        .isEqualTo(leNet5(format, 10, 25, 250).numParams())
        .isEqualTo(109_295);
    InputType input = InputType.convolutional(28, 28, 1, format);
    assertThat(SparsityReport.of(network, input).macs()).hasValue(2_293_000);
    assertThat(SparsityReport.of(smaller, input).macs()).hasValue(646_500);
    assertAlike(
        network,
        smaller,
        format == CNN2DFormat.NCHW ? new long[] {2, 1, 28, 28} : new long[] {2, 28, 28, 1});
  }

  private static MultiLayerNetwork leNet5(CNN2DFormat format, int first, int second, int third) {
    return network(
        InputType.convolutional(28, 28, 1, format),
        list ->
            list.layer(new ConvolutionLayer.Builder(5, 5).dataFormat(format).nOut(first).build())
                .layer(
                    new SubsamplingLayer.Builder()
                        .dataFormat(format)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new ConvolutionLayer.Builder(5, 5).dataFormat(format).nOut(second).build())
                .layer(
                    new SubsamplingLayer.Builder()
                        .dataFormat(format)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new DenseLayer.Builder().nOut(third).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build()));
  }

  private static void zeroEveryOtherReader(MultiLayerNetwork network, CNN2DFormat format) {
    for (int i = 0; i < 20; i += 2) {
      network.getLayer(2).getParam("W").get(NDArrayIndex.all(), NDArrayIndex.point(i)).assign(0);
    }
    for (int row = 0; row < 800; row++) {
      int channel = format == CNN2DFormat.NCHW ? row / 16 : row % 50;
      if (channel % 2 == 0) {
        network.getLayer(4).getParam("W").getRow(row).assign(0);
      }
    }
    for (int i = 0; i < 500; i += 2) {
      network.getLayer(5).getParam("W").getRow(i).assign(0);
    }
  }
}
