package io.github.dl4jpruning.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.lossfunctions.impl.LossL1;

/** Networks without a loss can be trained afterwards, and give the same outputs. */
class OutputLayersTest {

  private static MultiLayerNetwork network(InputType type, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Sgd(0.1))
            .activation(Activation.TANH)
            .list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(type).build());
    network.init();
    return network;
  }

  private static Stream<Arguments> endings() {
    InputType vector = InputType.feedForward(4);
    InputType steps = InputType.recurrent(4, 6);
    Layer dense = new DenseLayer.Builder().nOut(5).build();
    return Stream.of(
        Arguments.of("LossMCXENT", vector, List.of(dense, end(Activation.SOFTMAX))),
        Arguments.of("LossBinaryXENT", vector, List.of(dense, end(Activation.SIGMOID))),
        Arguments.of("LossMSE", vector, List.of(dense, end(Activation.IDENTITY))),
        Arguments.of(
            "LossMCXENT",
            vector,
            List.of(end(Activation.IDENTITY), activation(Activation.SOFTMAX))),
        Arguments.of("LossMSE", steps, List.of(new LSTM.Builder().nOut(3).build())),
        Arguments.of(
            "LossMSE", steps, List.of(new LastTimeStep(new LSTM.Builder().nOut(3).build()))),
        Arguments.of(
            "LossMCXENT",
            steps,
            List.of(new LSTM.Builder().nOut(5).build(), end(Activation.SOFTMAX))),
        Arguments.of(
            "LossMSE",
            InputType.convolutional(5, 5, 2),
            List.of(new ConvolutionLayer.Builder(2, 2).nOut(3).build())));
  }

  private static Layer end(Activation activation) {
    return new DenseLayer.Builder().nOut(3).activation(activation).build();
  }

  private static Layer activation(Activation activation) {
    return new ActivationLayer.Builder().activation(activation).build();
  }

  @ParameterizedTest
  @MethodSource("endings")
  void shouldBecomeTrainable(String loss, InputType type, List<Layer> layers) {
    MultiLayerNetwork before = network(type, layers.toArray(Layer[]::new));
    INDArray input = Nd4j.rand(shape(type));
    INDArray expected = before.output(input).dup();
    List<String> notes = new ArrayList<>();

    MultiLayerNetwork after =
        (MultiLayerNetwork) OutputLayers.complete(before, Optional.empty(), notes);

    assertThat(notes).hasSize(1).first().asString().contains(loss);
    assertThat(after.params()).isEqualTo(before.params());
    INDArray output = after.output(input);
    if (output.rank() == 3 && expected.rank() == 2) { // before, one row for each step
      output = output.permute(2, 0, 1).dup('c').reshape(expected.shape());
    }
    assertThat(output.equalsWithEps(expected, 1e-6)).isTrue();
    INDArray labels = after.output(input).dup().addi(0.1);
    after.fit(new DataSet(input, labels));
    assertThat(after.params()).isNotEqualTo(before.params());
  }

  private static long[] shape(InputType type) {
    if (type instanceof InputType.InputTypeRecurrent) {
      return new long[] {2, 4, 6};
    }
    return type instanceof InputType.InputTypeConvolutional
        ? new long[] {2, 2, 5, 5}
        : new long[] {2, 4};
  }

  @Test
  void shouldLeaveTrainableNetworksAlone() {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(4),
            new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());
    List<String> notes = new ArrayList<>();
    assertThat(OutputLayers.complete(network, Optional.of(new LossL1()), notes)).isSameAs(network);
    assertThat(notes).isEmpty();
  }

  @Test
  void shouldTakeTheGivenLoss() {
    MultiLayerNetwork network = network(InputType.feedForward(4), end(Activation.SOFTMAX));
    List<String> notes = new ArrayList<>();
    MultiLayerNetwork after =
        (MultiLayerNetwork) OutputLayers.complete(network, Optional.of(new LossL1()), notes);
    OutputLayer output = (OutputLayer) after.getOutputLayer().conf().getLayer();
    assertThat(output.getLossFn()).isInstanceOf(LossL1.class);
    assertThat(output.getIUpdater()).isEqualTo(new Sgd(0.1));
  }

  @Test
  void shouldSayWhyANetworkCannotBeTrained() {
    MultiLayerNetwork network =
        network(InputType.feedForward(4), end(Activation.TANH), new BatchNormalization());
    List<String> notes = new ArrayList<>();
    assertThat(OutputLayers.complete(network, Optional.empty(), notes)).isSameAs(network);
    assertThat(notes)
        .first()
        .asString()
        .contains("BatchNormalization", "the network cannot be trained");
  }

  @Test
  void shouldCompleteEachOutputOfAGraph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(4))
                .addLayer("first", end(Activation.TANH), "in")
                .addLayer("class", end(Activation.SOFTMAX), "first")
                .addLayer(
                    "number",
                    new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "first")
                .setOutputs("class", "number")
                .build());
    graph.init();
    INDArray input = Nd4j.rand(3, 4);
    INDArray[] expected = graph.output(input);
    List<String> notes = new ArrayList<>();

    Model after = OutputLayers.complete(graph, Optional.empty(), notes);

    assertThat(notes).hasSize(1).first().asString().contains("class", "LossMCXENT");
    assertThat(((ComputationGraph) after).output(input)).isEqualTo(expected);
    ((ComputationGraph) after).fit(new INDArray[] {input}, expected);
  }
}
