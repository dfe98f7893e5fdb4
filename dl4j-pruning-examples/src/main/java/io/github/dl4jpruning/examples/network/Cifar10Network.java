package io.github.dl4jpruning.examples.network;

import io.github.dl4jpruning.examples.data.ImageFormat;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Two small networks for colour images of 32×32 pixels, one for each of the two most common kinds
 * of image networks. Batch normalisation follows each convolution. The output of the last
 * convolution is averaged over the image, so that nearly all weights are in convolutions.
 */
public enum Cifar10Network implements ExampleNetwork {
  /**
   * Five convolutions (3×3) of 16, 32, 32, 64 and 64 filters, one after the other, with 2×2 max
   * pooling before the width doubles; after K. Simonyan and A. Zisserman, 2015 (arXiv 1409.1556). A
   * {@link MultiLayerNetwork}.
   */
  VGG("small VGG") {
    @Override
    public Model build(ImageFormat format, long seed, IUpdater updater, double l2) {
      NeuralNetConfiguration.ListBuilder layers = common(seed, updater, l2).list();
      for (int width : WIDTHS) {
        for (String letter : width == WIDTHS[0] ? List.of("") : List.of("a", "b")) {
          String name = "conv" + width + letter;
          layers.layer(convolution(width, 3, 1).name(name).build());
          layers.layer(normalisation(Activation.RELU).name(name + "-norm").build());
        }
        if (width != WIDTHS[WIDTHS.length - 1]) {
          layers.layer(
              new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build());
        }
      }
      layers.layer(average());
      layers.layer(output(format));
      layers.setInputType(input(format));
      MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
      network.init();
      return network;
    }
  },

  /**
   * The residual network of eight weighted layers for CIFAR-10: a convolution of 16 filters, and
   * three residual blocks of two convolutions each, with 16, 32 and 64 filters; K. He et al., 2015
   * (arXiv 1512.03385, section 4.2, with n = 1, and a 1×1 convolution where the width changes). A
   * {@link ComputationGraph}.
   */
  RESNET("ResNet-8") {
    @Override
    public Model build(ImageFormat format, long seed, IUpdater updater, double l2) {
      GraphBuilder graph =
          common(seed, updater, l2).graphBuilder().addInputs("image").setInputTypes(input(format));
      String last = normalised(graph, "stem", "image", convolution(WIDTHS[0], 3, 1), true);
      for (int width : WIDTHS) {
        last = block(graph, "block" + width, last, width, width == WIDTHS[0] ? 1 : 2);
      }
      graph.addLayer("average", average(), last);
      graph.addLayer("output", output(format), "average");
      ComputationGraph network = new ComputationGraph(graph.setOutputs("output").build());
      network.init();
      return network;
    }
  };

  private static final int[] WIDTHS = {16, 32, 64};

  private final String title;

  Cifar10Network(String title) {
    this.title = title;
  }

  @Override
  public String title() {
    return title;
  }

  private static NeuralNetConfiguration.Builder common(long seed, IUpdater updater, double l2) {
    return new NeuralNetConfiguration.Builder()
        .seed(seed)
        .updater(updater)
        .l2(l2)
        .weightInit(WeightInit.RELU)
        .convolutionMode(ConvolutionMode.Same);
  }

  private static InputType input(ImageFormat format) {
    return InputType.convolutional(format.side(), format.side(), format.channels());
  }

  /** Adds a residual block: two convolutions, and the sum of their output and the input. */
  private static String block(GraphBuilder graph, String name, String input, int width, int step) {
    String first = normalised(graph, name + "a", input, convolution(width, 3, step), true);
    String second = normalised(graph, name + "b", first, convolution(width, 3, 1), false);
    String around = input;
    if (step > 1) {
      around = normalised(graph, name + "-around", input, convolution(width, 1, step), false);
    }
    graph.addVertex(name + "-sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), second, around);
    graph.addLayer(
        name, new ActivationLayer.Builder().activation(Activation.RELU).build(), name + "-sum");
    return name;
  }

  private static String normalised(
      GraphBuilder graph,
      String name,
      String input,
      ConvolutionLayer.Builder convolution,
      boolean rectified) {
    graph.addLayer(name, convolution.build(), input);
    Activation activation = rectified ? Activation.RELU : Activation.IDENTITY;
    graph.addLayer(name + "-norm", normalisation(activation).build(), name);
    return name + "-norm";
  }

  /** Has no bias: the normalisation that follows has one. */
  private static ConvolutionLayer.Builder convolution(int width, int side, int step) {
    return new ConvolutionLayer.Builder(side, side)
        .stride(step, step)
        .nOut(width)
        .hasBias(false)
        .activation(Activation.IDENTITY);
  }

  private static BatchNormalization.Builder normalisation(Activation activation) {
    return new BatchNormalization.Builder().activation(activation);
  }

  private static GlobalPoolingLayer average() {
    return new GlobalPoolingLayer.Builder(PoolingType.AVG).build();
  }

  private static OutputLayer output(ImageFormat format) {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .name("output")
        .nOut(format.classes().size())
        .activation(Activation.SOFTMAX)
        .build();
  }
}
