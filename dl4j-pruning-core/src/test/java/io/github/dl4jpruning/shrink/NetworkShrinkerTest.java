package io.github.dl4jpruning.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.SparsityReport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class NetworkShrinkerTest {

  private static MultiLayerNetwork network(InputType input, Consumer<ListBuilder> layers) {
    ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .updater(new Adam(0.01))
            .activation(Activation.RELU)
            .list();
    layers.accept(list);
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return network;
  }

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nOut(3)
        .activation(Activation.SOFTMAX)
        .build();
  }

  private static MultiLayerNetwork perceptron(Activation hidden) {
    return network(
        InputType.feedForward(4),
        list ->
            list.layer(new DenseLayer.Builder().nOut(6).activation(hidden).build())
                .layer(new DenseLayer.Builder().nOut(5).activation(hidden).build())
                .layer(output()));
  }

  private static void assertAlike(
      MultiLayerNetwork network, MultiLayerNetwork smaller, long... shape) {
    INDArray input = Nd4j.rand(shape);
    double most = network.output(input).sub(smaller.output(input)).amaxNumber().doubleValue();
    assertThat(most).isLessThan(1e-6);
  }

  private static long[] widths(MultiLayerNetwork network) {
    return Arrays.stream(network.getLayers())
        .filter(layer -> layer.conf().getLayer() instanceof FeedForwardLayer)
        .mapToLong(layer -> ((FeedForwardLayer) layer.conf().getLayer()).getNOut())
        .toArray();
  }

  @Test
  void shouldLeaveADenseNetworkAsItIs() {
    MultiLayerNetwork network = perceptron(Activation.RELU);

    MultiLayerNetwork same = NetworkShrinker.shrink(network);

    assertThat(same).isNotSameAs(network);
    assertThat(same.params()).isEqualTo(network.params());
  }

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

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"RELU", "SIGMOID", "TANH", "SOFTPLUS", "ELU"})
  void shouldFoldWhatAUnitWithoutInputGives(Activation activation) {
    MultiLayerNetwork network = perceptron(activation);
    network.getLayer(0).getParam("W").getColumn(2).assign(0);
    network.getLayer(0).getParam("b").putScalar(2, 0.7);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(widths(smaller)).containsExactly(5, 5, 3);
    assertAlike(network, smaller, 4, 4);
  }

  @ParameterizedTest
  @CsvSource({"Truncate, 0, 0", "Truncate, 1, 1", "Same, 0, 1"})
  void shouldRefuseToFoldWhereZerosAreReadBeyondTheBorder(
      ConvolutionMode mode, int padding, int refused) {
    MultiLayerNetwork network =
        network(
            InputType.convolutional(6, 6, 1),
            list ->
                list.layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                    .layer(
                        new ConvolutionLayer.Builder(3, 3)
                            .convolutionMode(mode)
                            .padding(padding, padding)
                            .nOut(4)
                            .build())
                    .layer(output()));
    network.getLayer(0).getParam("W").get(NDArrayIndex.point(1)).assign(0);
    network.getLayer(0).getParam("b").putScalar(1, 0.5);

    NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk =
        NetworkShrinker.builder().build().apply(network);

    assertThat(shrunk.report().layers().get(0).refused()).isEqualTo(refused);
    assertThat(shrunk.report().layers().get(0).after()).isEqualTo(3 + refused);
    assertAlike(network, shrunk.network(), 2, 1, 6, 6);
  }

  @Test
  void shouldRefuseToFoldIntoALayerWithoutBias() {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(4),
            list ->
                list.layer(new DenseLayer.Builder().nOut(6).activation(Activation.SIGMOID).build())
                    .layer(new DenseLayer.Builder().nOut(5).hasBias(false).build())
                    .layer(output()));
    network.getLayer(0).getParam("W").getColumn(2).assign(0);

    NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk =
        NetworkShrinker.builder().build().apply(network);

    assertThat(shrunk.report().layers().get(0))
        .isEqualTo(new ShrinkReport.Width("layer0", 6, 6, 1));
    assertThat(shrunk.network().params()).isEqualTo(network.params());
  }

  @Test
  void shouldFollowUnitsThatNobodyReadsBackwards() {
    MultiLayerNetwork network = perceptron(Activation.TANH);
    network
        .getLayer(2)
        .getParam("W")
        .getRow(4)
        .assign(0); // nobody reads unit 4 of the second layer
    network.getLayer(1).getParam("W").getRow(0).assign(0);
    network.getLayer(1).getParam("W").putScalar(0, 4, 1.5); // unit 0 of the first feeds it alone

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(widths(smaller)).containsExactly(5, 4, 3);
    assertAlike(network, smaller, 4, 4);
  }

  @Test
  void shouldKeepAUnitOfEachLayer() {
    MultiLayerNetwork network = perceptron(Activation.RELU);
    network.params().assign(0);

    NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk =
        NetworkShrinker.builder().build().apply(network);
    MultiLayerNetwork smaller = shrunk.network();

    assertThat(widths(smaller)).containsExactly(1, 1, 3);
    assertThat(shrunk.report().layers()).allMatch(layer -> layer.refused() == 0);
    assertAlike(network, smaller, 4, 4);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 3", "2, 1, 4", "4, 1, 4", "8, 1, 6", "1, 5, 5", "1, 9, 6"})
  void shouldRoundWidthsUpAndKeepAFloor(int multiple, int floor, int expected) {
    MultiLayerNetwork network = perceptron(Activation.RELU);
    for (int unit = 0; unit < 3; unit++) {
      network.getLayer(1).getParam("W").getRow(unit).assign(0);
    }

    MultiLayerNetwork smaller =
        NetworkShrinker.builder()
            .roundWidthsTo(multiple)
            .keepAtLeast(floor)
            .build()
            .apply(network)
            .network();

    assertThat(widths(smaller)[0]).isEqualTo(expected);
    assertAlike(network, smaller, 4, 4);
  }

  @Test
  void shouldLeaveLayersAlone() {
    MultiLayerNetwork network = perceptron(Activation.RELU);
    network.getLayer(1).getParam("W").getRow(1).assign(0);
    network.getLayer(2).getParam("W").getRow(1).assign(0);

    NetworkShrinker shrinker = NetworkShrinker.builder().exceptLayers("layer0").build();

    assertThat(widths(shrinker.apply(network).network())).containsExactly(6, 4, 3);
    assertThatThrownBy(() -> NetworkShrinker.builder().exceptLayers("conv1").build().apply(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "exceptLayers must be names of layers, but there is no conv1 among layer0, layer1,"
                + " layer2");
  }

  @Test
  void shouldRefuseBadInput() {
    assertThatThrownBy(() -> NetworkShrinker.builder().roundWidthsTo(0).build())
        .hasMessage("roundWidthsTo must be 1 or more, but is 0");
    assertThatThrownBy(() -> NetworkShrinker.builder().keepAtLeast(0).build())
        .hasMessage("keepAtLeast must be 1 or more, but is 0");
    MultiLayerNetwork network =
        new MultiLayerNetwork(perceptron(Activation.RELU).getLayerWiseConfigurations());
    assertThatThrownBy(() -> NetworkShrinker.shrink(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("init() was not called");
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

  @Test
  void shouldNameWhatItLeavesAtFullWidth() {
    MultiLayerNetwork network =
        network(
            InputType.convolutional(6, 6, 1),
            list ->
                list.layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                    .layer(new LocalResponseNormalization())
                    .layer(new SubsamplingLayer.Builder().build())
                    .layer(output()));
    network.getLayer(0).getParam("W").get(NDArrayIndex.point(1)).assign(0);
    network.getLayer(0).getParam("b").assign(0);

    ShrinkReport report = NetworkShrinker.builder().build().apply(network).report();

    assertThat(report.removed()).isZero();
    assertThat(report.fullWidth()).containsExactly("layer1: LocalResponseNormalization");
    assertThat(report.toString()).contains("layer0", "left at full width: layer1");
  }

  @Test
  void shouldCarryOnWhereTheNetworkWas() throws Exception {
    MultiLayerNetwork network = perceptron(Activation.RELU);
    DataSet data = new DataSet(Nd4j.rand(8, 4), Nd4j.eye(3).getRows(0, 1, 2, 0, 1, 2, 0, 1));
    for (int i = 0; i < 5; i++) {
      network.fit(data);
    }
    network.setEpochCount(2);
    network.getLayer(1).getParam("W").getRow(3).assign(0);
    INDArray before = network.params().dup();

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(network.params()).isEqualTo(before);
    assertThat(smaller.getIterationCount()).isEqualTo(5);
    assertThat(smaller.getEpochCount()).isEqualTo(2);
    assertThat(smaller.getListeners()).isEmpty();
    assertThat(smaller.getUpdater().getStateViewArray().length())
        .isEqualTo(2 * smaller.numParams());
    assertThat(smaller.getUpdater().getStateViewArray().amaxNumber().doubleValue()).isPositive();
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    ModelSerializer.writeModel(smaller, zip, true);
    MultiLayerNetwork loaded =
        ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(zip.toByteArray()), true);
    smaller.fit(data);
    loaded.fit(data);
    assertThat(loaded.params()).isEqualTo(smaller.params());
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
