package io.github.dl4jpruning.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks to be shrunk, and how they are compared. */
final class ShrinkerFixtures {

  static final double TOLERANCE = 1e-6;

  private ShrinkerFixtures() {}

  /** With rectified linear units, and Adam. */
  static MultiLayerNetwork network(InputType input, Consumer<ListBuilder> layers) {
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

  static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nOut(3)
        .activation(Activation.SOFTMAX)
        .build();
  }

  static void assertAlike(MultiLayerNetwork network, MultiLayerNetwork smaller, long... shape) {
    INDArray input = Nd4j.rand(shape);
    double most = network.output(input).sub(smaller.output(input)).amaxNumber().doubleValue();
    assertThat(most).isLessThan(1e-6);
  }

  static long[] widths(MultiLayerNetwork network) {
    return Arrays.stream(network.getLayers())
        .filter(layer -> layer.conf().getLayer() instanceof FeedForwardLayer)
        .mapToLong(layer -> ((FeedForwardLayer) layer.conf().getLayer()).getNOut())
        .toArray();
  }

  /** With the activation that DL4J takes by itself, and plain gradient descent. */
  static MultiLayerNetwork defaultNetwork(InputType input, Consumer<ListBuilder> layers) {
    ListBuilder list = new NeuralNetConfiguration.Builder().seed(5).updater(new Sgd(0.1)).list();
    layers.accept(list);
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return network;
  }

  static double difference(INDArray expected, INDArray actual) {
    return expected.sub(actual).amaxNumber().doubleValue();
  }
}
