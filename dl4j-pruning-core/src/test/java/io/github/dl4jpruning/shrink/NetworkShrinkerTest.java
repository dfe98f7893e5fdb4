package io.github.dl4jpruning.shrink;

import static io.github.dl4jpruning.shrink.ShrinkerFixtures.assertAlike;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.network;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.output;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.widths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
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

/**
 * What shrinking takes out and folds, which choices it has, and what it reports and carries over.
 */
class NetworkShrinkerTest {

  private static MultiLayerNetwork perceptron(Activation hidden) {
    return network(
        InputType.feedForward(4),
        list ->
            list.layer(new DenseLayer.Builder().nOut(6).activation(hidden).build())
                .layer(new DenseLayer.Builder().nOut(5).activation(hidden).build())
                .layer(output()));
  }

  @Test
  void shouldLeaveADenseNetworkAsItIs() {
    MultiLayerNetwork network = perceptron(Activation.RELU);

    MultiLayerNetwork same = NetworkShrinker.shrink(network);

    assertThat(same).isNotSameAs(network);
    assertThat(same.params()).isEqualTo(network.params());
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
}
