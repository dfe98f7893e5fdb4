package io.github.dl4jpruning.examples.network;

import io.github.dl4jpruning.examples.data.ImageFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The two standard networks for measuring pruning since S. Han et al., 2015 (arXiv 1506.02626). */
public enum MnistNetwork implements ExampleNetwork {
  /** A perceptron of 784-300-100-10 units: 266,200 weights. */
  LENET_300_100("LeNet-300-100") {
    @Override
    void addHidden(NeuralNetConfiguration.ListBuilder layers, ImageFormat format) {
      layers
          .layer(new DenseLayer.Builder().name("fc1").nOut(300).build())
          .layer(new DenseLayer.Builder().name("fc2").nOut(100).build())
          .setInputType(InputType.feedForward(format.values()));
    }
  },

  /**
   * Two convolutions of 20 and 50 filters (5×5, each with 2×2 max pooling) and 500 units: 430,500
   * weights.
   */
  LENET_5("LeNet-5 (20-50-500)") {
    @Override
    void addHidden(NeuralNetConfiguration.ListBuilder layers, ImageFormat format) {
      layers
          .layer(convolution("conv1", 20))
          .layer(maxPooling())
          .layer(convolution("conv2", 50))
          .layer(maxPooling())
          .layer(new DenseLayer.Builder().name("fc1").nOut(500).build())
          .setInputType(
              InputType.convolutionalFlat(format.side(), format.side(), format.channels()));
    }
  };

  private final String title;

  MnistNetwork(String title) {
    this.title = title;
  }

  abstract void addHidden(NeuralNetConfiguration.ListBuilder layers, ImageFormat format);

  @Override
  public String title() {
    return title;
  }

  /** Builds a network with He initialisation and ReLU units. */
  @Override
  public MultiLayerNetwork build(ImageFormat format, long seed, IUpdater updater, double l2) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .updater(updater)
            .l2(l2)
            .weightInit(WeightInit.RELU)
            .activation(Activation.RELU)
            .list();
    addHidden(layers, format);
    layers.layer(
        new OutputLayer.Builder(LossFunction.MCXENT)
            .name("output")
            .nOut(format.classes().size())
            .activation(Activation.SOFTMAX)
            .build());
    MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
    network.init();
    return network;
  }

  private static ConvolutionLayer convolution(String name, int filters) {
    return new ConvolutionLayer.Builder(5, 5).name(name).nOut(filters).build();
  }

  private static SubsamplingLayer maxPooling() {
    return new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
  }
}
