package io.github.dl4jpruning.activations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.model.NetworkParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The matrix of a layer times the inputs that are read for it gives what DL4J computes. */
class LinearLayersTest {

  private static final int SAMPLES = 3;

  private static MultiLayerNetwork network(InputType input, Layer first, Layer last) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .activation(Activation.IDENTITY)
                .list()
                .layer(first)
                .layer(last)
                .setInputType(input)
                .build());
    network.init();
    // Biases begin as zeros.
    network.setParams(network.params().add(Nd4j.rand(DataType.DOUBLE, network.params().shape())));
    return network;
  }

  private static Layer output() {
    return new OutputLayer.Builder(LossFunction.MSE)
        .nOut(2)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static ConvolutionLayer.Builder convolution() {
    return new ConvolutionLayer.Builder().nOut(4).kernelSize(3, 2);
  }

  static Stream<Arguments> layers() {
    List<Arguments> cases = new ArrayList<>();
    cases.add(
        Arguments.of("dense", InputType.feedForward(5), new DenseLayer.Builder().nOut(4).build()));
    for (CNN2DFormat format : CNN2DFormat.values()) {
      InputType images = InputType.convolutional(9, 8, 3, format);
      cases.add(Arguments.of("plain " + format, images, convolution().dataFormat(format).build()));
      cases.add(
          Arguments.of(
              "stride and padding " + format,
              images,
              convolution().stride(2, 3).padding(1, 2).dataFormat(format).build()));
      cases.add(
          Arguments.of(
              "same " + format,
              images,
              convolution()
                  .stride(2, 1)
                  .convolutionMode(ConvolutionMode.Same)
                  .dataFormat(format)
                  .build()));
      cases.add(
          Arguments.of(
              "same, dilated " + format,
              images,
              convolution()
                  .dilation(2, 2)
                  .convolutionMode(ConvolutionMode.Same)
                  .dataFormat(format)
                  .build()));
      cases.add(
          Arguments.of(
              "no bias " + format,
              images,
              convolution().hasBias(false).dataFormat(format).build()));
    }
    return cases.stream();
  }

  private static INDArray samples(InputType type) {
    long[] shape = type.getShape(true).clone();
    shape[0] = SAMPLES;
    return Nd4j.rand(DataType.DOUBLE, shape);
  }

  /** Returns W·x + b of all inputs of a layer. */
  private static INDArray product(MultiLayerNetwork network, int layer, INDArray... masks) {
    NetworkParameters parameters = NetworkParameters.of(network);
    LinearLayer linear = LinearLayers.of(parameters, "layer" + layer).orElseThrow();
    List<INDArray> pieces = new ArrayList<>();
    LayerInputs.forEach(network.getLayer(layer), List.of(masks), pieces::add);
    INDArray rows = Nd4j.vstack(pieces.toArray(INDArray[]::new));
    INDArray product = rows.mmul(Nd4j.create(linear.weights(parameters)).transpose());
    return linear
        .bias()
        .map(bias -> product.addRowVector(Nd4j.create(parameters.values(bias))))
        .orElse(product);
  }

  private static void same(INDArray found, INDArray expected) {
    assertThat(found.shape()).isEqualTo(expected.shape());
    assertThat(found.sub(expected).amaxNumber().doubleValue()).isCloseTo(0, within(1e-10));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void shouldGiveTheOutputsOfDenseLayersAndConvolutions(String name, InputType type, Layer layer) {
    MultiLayerNetwork network = network(type, layer, output());
    network.setInput(samples(type));
    INDArray output = network.feedForward(false, false).get(1);

    boolean last =
        layer instanceof ConvolutionLayer images && images.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    INDArray places = output.rank() == 2 || last ? output : output.permute(0, 2, 3, 1);
    same(product(network, 0), places.dup('c').reshape('c', -1, 4));
    assertThat(product(network, 1)).isEqualTo(network.feedForward(false, false).get(2));
  }

  @Test
  void shouldGiveTheOutputsOfSequences() {
    for (RNNFormat format : RNNFormat.values()) {
      for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
        InputType type = InputType.recurrent(3, 7, format);
        Layer layer =
            new Convolution1DLayer.Builder()
                .nOut(4)
                .kernelSize(3)
                .stride(2)
                .convolutionMode(mode)
                .rnnDataFormat(format)
                .build();
        Layer last =
            new RnnOutputLayer.Builder(LossFunction.MSE)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .dataFormat(format)
                .build();
        MultiLayerNetwork network = network(type, layer, last);
        network.setInput(samples(type));
        List<INDArray> outputs = network.feedForward(false, false);

        for (int i = 0; i < 2; i++) {
          INDArray steps = outputs.get(i + 1);
          INDArray stepsFirst = format == RNNFormat.NWC ? steps : steps.permute(0, 2, 1);
          same(product(network, i), stepsFirst.dup('c').reshape('c', -1, i == 0 ? 4 : 2));
        }
      }
    }
  }

  @Test
  void shouldLeaveOutMaskedSteps() {
    InputType type = InputType.recurrent(3, 4);
    MultiLayerNetwork network =
        network(
            type,
            new LSTM.Builder().nOut(2).activation(Activation.TANH).build(),
            new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build());
    network.setInput(samples(type));
    INDArray mask = Nd4j.create(new double[][] {{1, 1, 0, 0}, {1, 1, 1, 1}, {1, 0, 0, 0}});
    network.setLayerMaskArrays(mask, null);
    network.feedForward(false, false);

    assertThat(product(network, 0, mask).rows()).isEqualTo(7);
    assertThat(product(network, 1, mask).rows()).isEqualTo(7);
    assertThat(product(network, 1, Nd4j.ones(3, 5)).rows()).as("of another length").isEqualTo(12);
  }

  /** h = tanh of the row's product; the state of an LSTM follows from its four gates. */
  @Test
  void shouldGiveTheStatesOfRecurrentLayers() {
    for (RNNFormat format : RNNFormat.values()) {
      InputType type = InputType.recurrent(3, 5, format);
      Layer last = new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).dataFormat(format).build();
      MultiLayerNetwork simple =
          network(
              type,
              new SimpleRnn.Builder()
                  .nOut(4)
                  .activation(Activation.TANH)
                  .dataFormat(format)
                  .build(),
              last);
      simple.setInput(samples(type));
      INDArray states = simple.feedForward(false, false).get(1);
      INDArray stepsFirst = format == RNNFormat.NWC ? states : states.permute(0, 2, 1);
      same(Transforms.tanh(product(simple, 0)), stepsFirst.dup('c').reshape('c', -1, 4));

      MultiLayerNetwork lstm =
          network(
              type,
              new LSTM.Builder().nOut(4).activation(Activation.TANH).dataFormat(format).build(),
              last);
      lstm.setInput(samples(type));
      INDArray outputs = lstm.feedForward(false, false).get(1);
      INDArray found = lstmOutputs(product(lstm, 0), 4, 5);
      INDArray expected = format == RNNFormat.NWC ? outputs : outputs.permute(0, 2, 1);
      same(found, expected.dup('c').reshape('c', -1, 4));
    }
  }

  /**
   * The gates are input modulation (tanh), forget, output and input (sigmoid), as DL4J has them.
   */
  private static INDArray lstmOutputs(INDArray gates, int units, int steps) {
    INDArray outputs = Nd4j.zeros(DataType.DOUBLE, gates.rows(), units);
    for (int sample = 0; sample < SAMPLES; sample++) {
      double[] cell = new double[units];
      for (int t = 0; t < steps; t++) {
        int row = sample * steps + t;
        for (int u = 0; u < units; u++) {
          double candidate = Math.tanh(gates.getDouble(row, u));
          double forget = sigmoid(gates.getDouble(row, units + u));
          double output = sigmoid(gates.getDouble(row, 2 * units + u));
          double input = sigmoid(gates.getDouble(row, 3 * units + u));
          cell[u] = forget * cell[u] + input * candidate;
          outputs.putScalar(row, u, output * Math.tanh(cell[u]));
        }
      }
    }
    return outputs;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
