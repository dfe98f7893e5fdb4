package io.github.dl4jpruning.examples.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.examples.data.ImageFormat;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** DL4J's layers with oneDNN compute what they compute without it. */
class OneDnnTest {

  private static final ImageFormat COLOURS = new ImageFormat(3, 32, List.of("a", "b", "c", "d"));

  private static Model build(ExampleNetwork kind, boolean oneDnn) {
    String before = System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY);
    System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, String.valueOf(!oneDnn));
    try {
      return kind.build(format(kind), 4, new Sgd(0.05), 1e-4);
    } finally {
      if (before == null) {
        System.clearProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY);
      } else {
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, before);
      }
    }
  }

  private static ImageFormat format(ExampleNetwork kind) {
    return kind instanceof Cifar10Network ? COLOURS : ImageFormat.MNIST;
  }

  private static Stream<ExampleNetwork> networks() {
    return Stream.of(Cifar10Network.VGG, Cifar10Network.RESNET, MnistNetwork.LENET_5);
  }

  private static Layer[] layers(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.getLayers()
        : ((MultiLayerNetwork) network).getLayers();
  }

  private static INDArray output(Model network, INDArray images) {
    return network instanceof ComputationGraph graph
        ? graph.outputSingle(images)
        : ((MultiLayerNetwork) network).output(images);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void trainsAndAnswersAsWithoutIt(ExampleNetwork kind) {
    Model with = build(kind, true);
    Model without = build(kind, false);
    ImageFormat format = format(kind);
    Nd4j.getRandom().setSeed(7);
    for (int step = 0; step < 4; step++) {
      INDArray images = Nd4j.rand(format.shape(8));
      INDArray labels = Nd4j.zeros(8, format.classes().size());
      for (int i = 0; i < 8; i++) {
        labels.putScalar(i, (i + step) % format.classes().size(), 1.0);
      }
      ((NeuralNetwork) with).fit(new DataSet(images, labels));
      ((NeuralNetwork) without).fit(new DataSet(images, labels));
      double size = without.params().norm2Number().doubleValue();
      assertThat(with.params().distance2(without.params())).isLessThan(1e-4 * size);
      assertThat(with.score()).isCloseTo(without.score(), within(1e-3));
      assertThat(output(with, images).distance2(output(without, images))).isLessThan(1e-3);
    }
  }

  /** Or the bridge leads nowhere, and training takes ten times as long. */
  @Test
  void isFoundWhereThereIsOne() {
    boolean built = Nd4jCpu.Environment.getInstance().isUseONEDNN();
    for (ExampleNetwork kind : networks().toList()) {
      for (Layer layer : layers(build(kind, true))) {
        if (layer instanceof ConvolutionLayer convolution) {
          assertThat(convolution.getHelper() != null).as("%s", kind).isEqualTo(built);
        }
      }
    }
  }
}
