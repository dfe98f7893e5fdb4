package io.github.dl4jpruning.plan;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks of a few channels, each of which has a known magnitude. */
final class SmallNetworks {

  private SmallNetworks() {}

  /** Two inputs, four channels in the first layer, three in the second, two outputs. */
  static MultiLayerNetwork perceptron() {
    NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder().seed(5).list();
    layers.layer(new DenseLayer.Builder().nIn(2).nOut(4).name("first").build());
    layers.layer(new DenseLayer.Builder().nIn(4).nOut(3).name("second").build());
    layers.layer(output());
    return initialised(layers);
  }

  /** The same with a batch normalisation behind the first layer. */
  static MultiLayerNetwork normalised() {
    NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder().seed(5).list();
    layers.layer(new DenseLayer.Builder().nIn(2).nOut(4).name("first").build());
    layers.layer(new BatchNormalization.Builder().nOut(4).name("norm").build());
    layers.layer(new DenseLayer.Builder().nIn(4).nOut(3).name("second").build());
    layers.layer(output());
    return initialised(layers);
  }

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MSE)
        .activation(Activation.IDENTITY)
        .nIn(3)
        .nOut(2)
        .name("output")
        .build();
  }

  private static MultiLayerNetwork initialised(NeuralNetConfiguration.ListBuilder layers) {
    MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
    network.init();
    return network;
  }

  /** Gives all weights that make a channel its value. */
  static void setChannels(MultiLayerNetwork network, String layer, double... values) {
    INDArray weights = network.getLayer(layer).getParam("W");
    for (int channel = 0; channel < values.length; channel++) {
      for (int input = 0; input < weights.rows(); input++) {
        weights.putScalar(input, channel, values[channel]);
      }
    }
  }

  /** Computes the gradient of a batch. */
  static void computeGradient(MultiLayerNetwork network) {
    network.setInput(Nd4j.create(new double[][] {{1.0, -2.0}, {0.5, 3.0}, {-1.5, 0.25}}));
    network.setLabels(Nd4j.create(new double[][] {{1.0, 0.0}, {0.0, 1.0}, {2.0, -1.0}}));
    network.computeGradientAndScore();
  }
}
