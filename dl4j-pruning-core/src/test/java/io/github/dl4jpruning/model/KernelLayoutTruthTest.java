package io.github.dl4jpruning.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What DL4J computes decides what an axis means, and not a shape: each weight is changed in turn,
 * and it is seen which output channel moves, and at which input channel.
 */
class KernelLayoutTruthTest {

  private static final int IN = 3;
  private static final int OUT = 4;
  private static final ConvolutionMode MODE = ConvolutionMode.Truncate;

  static Stream<Arguments> layers() {
    InputType image = InputType.convolutional(3, 3, IN, CNN2DFormat.NCHW);
    InputType sequence = InputType.recurrent(IN, 4);
    InputType volume = InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 3, 3, IN);
    long[] images = {1, IN, 3, 3};
    long[] sequences = {1, IN, 4};
    long[] volumes = {1, IN, 3, 3, 3};
    return Stream.of(
        Arguments.of(
            new DenseLayer.Builder().nOut(OUT).build(),
            InputType.feedForward(IN),
            new long[] {1, IN},
            "W"),
        Arguments.of(
            new ConvolutionLayer.Builder(2, 2).convolutionMode(MODE).nOut(OUT).build(),
            image,
            images,
            "W"),
        Arguments.of(
            new Convolution1DLayer.Builder(2).convolutionMode(MODE).nOut(OUT).build(),
            sequence,
            sequences,
            "W"),
        Arguments.of(
            new Convolution3D.Builder(2, 2, 2).convolutionMode(MODE).nOut(OUT).build(),
            volume,
            volumes,
            "W"),
        Arguments.of(
            new Deconvolution2D.Builder(2, 2).convolutionMode(MODE).nOut(OUT).build(),
            image,
            images,
            "W"),
        Arguments.of(
            new Deconvolution3D.Builder()
                .kernelSize(2, 2, 2)
                .convolutionMode(MODE)
                .nOut(OUT)
                .build(),
            volume,
            volumes,
            "W"),
        Arguments.of(
            new DepthwiseConvolution2D.Builder(2, 2)
                .convolutionMode(MODE)
                .depthMultiplier(2)
                .build(),
            image,
            images,
            "W"),
        Arguments.of(
            new LocallyConnected1D.Builder()
                .kernelSize(2)
                .convolutionMode(MODE)
                .setInputSize(4)
                .nOut(OUT)
                .activation(Activation.IDENTITY)
                .build(),
            sequence,
            sequences,
            "W"),
        Arguments.of(
            new LocallyConnected2D.Builder()
                .kernelSize(2, 2)
                .convolutionMode(MODE)
                .setInputSize(3, 3)
                .nOut(OUT)
                .activation(Activation.IDENTITY)
                .build(),
            image,
            images,
            "W"));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void shouldBeWhatIsComputed(Layer layer, InputType type, long[] shape, String key) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .activation(Activation.IDENTITY)
                .list()
                .layer(layer)
                .layer(new LossLayer.Builder().activation(Activation.IDENTITY).build())
                .setInputType(type)
                .build());
    network.init();
    PrunableParameter weights =
        NetworkParameters.of(network).parameters().stream()
            .filter(p -> p.key().equals(key))
            .findFirst()
            .orElseThrow();
    List<int[]> claimed = new ArrayList<>();
    weights.layout().forEach((flat, output, input) -> claimed.add(new int[] {output, input}));

    // A locally connected layer has one axis for the positions of its kernel and its channels.
    boolean byChannel = weights.layout().inputs() == IN;
    for (int channel = 0; channel < IN; channel++) {
      INDArray input = Nd4j.zeros(DataType.DOUBLE, shape);
      if (byChannel) {
        input.slice(0).slice(channel).assign(1.0); // a single channel is lit
      } else {
        input.assign(1.0);
      }
      INDArray before = activations(network, input);
      for (int flat = 0; flat < weights.length(); flat++) {
        long index = weights.offset() + flat;
        double old = network.params().getDouble(index);
        network.params().putScalar(index, old + 1.0);
        INDArray moved = activations(network, input).sub(before);
        network.params().putScalar(index, old);
        for (int output = 0; output < moved.size(1); output++) {
          boolean moves = moved.slice(0).slice(output).amaxNumber().doubleValue() > 1e-9;
          boolean should =
              claimed.get(flat)[0] == output && (!byChannel || claimed.get(flat)[1] == channel);
          assertThat(moves)
              .as("%s: weight %d, output %d, input %d", layer, flat, output, channel)
              .isEqualTo(should);
        }
      }
    }
  }

  private static INDArray activations(MultiLayerNetwork network, INDArray input) {
    return network.feedForwardToLayer(0, input).get(1);
  }
}
