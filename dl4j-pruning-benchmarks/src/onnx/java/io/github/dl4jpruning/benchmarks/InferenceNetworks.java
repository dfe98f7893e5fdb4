package io.github.dl4jpruning.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The networks of {@link Inference}. */
public enum InferenceNetworks {
  /** A perceptron of 266,610 parameters for digits. */
  LENET_300_100(InputType.feedForward(784)) {
    @Override
    Model network() {
      return layers(
          new DenseLayer.Builder().nOut(300).build(),
          new DenseLayer.Builder().nOut(100).build(),
          output());
    }
  },
  /** LeNet-5 (20-50-500) for digits. */
  LENET_5(InputType.convolutionalFlat(28, 28, 1)) {
    @Override
    Model network() {
      return layers(
          new ConvolutionLayer.Builder(5, 5).nOut(20).build(),
          pool(),
          new ConvolutionLayer.Builder(5, 5).nOut(50).build(),
          pool(),
          new DenseLayer.Builder().nOut(500).build(),
          output());
    }
  },
  /** The small VGG of the {@code cifar10} job. */
  VGG(InputType.convolutional(32, 32, 3)) {
    @Override
    Model network() {
      return layers(
          convolution(16, 3, 1),
          new BatchNormalization.Builder().build(),
          new ActivationLayer(Activation.RELU),
          pool(),
          convolution(32, 3, 1),
          new BatchNormalization.Builder().build(),
          new ActivationLayer(Activation.RELU),
          convolution(32, 3, 1),
          new BatchNormalization.Builder().build(),
          new ActivationLayer(Activation.RELU),
          pool(),
          convolution(64, 3, 1),
          new BatchNormalization.Builder().build(),
          new ActivationLayer(Activation.RELU),
          convolution(64, 3, 1),
          new BatchNormalization.Builder().build(),
          new ActivationLayer(Activation.RELU),
          new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
          output());
    }
  },
  /** The residual network of the {@code cifar10} job. */
  RESNET_8(InputType.convolutional(32, 32, 3)) {
    @Override
    Model network() {
      GraphBuilder graph = common().graphBuilder().addInputs("image").setInputTypes(type());
      String last = normalised(graph, "stem", "image", convolution(16, 3, 1), Activation.RELU);
      for (int width = 16; width <= 64; width *= 2) {
        int step = width == 16 ? 1 : 2;
        String name = "block" + width;
        String first =
            normalised(graph, name + "a", last, convolution(width, 3, step), Activation.RELU);
        String second =
            normalised(graph, name + "b", first, convolution(width, 3, 1), Activation.IDENTITY);
        String around =
            step == 1
                ? last
                : normalised(
                    graph, name + "c", last, convolution(width, 1, step), Activation.IDENTITY);
        graph.addVertex(
            name + "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), second, around);
        graph.addLayer(name, new ActivationLayer(Activation.RELU), name + "sum");
        last = name;
      }
      graph.addLayer("average", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last);
      graph.addLayer("output", output(), "average");
      ComputationGraph network = new ComputationGraph(graph.setOutputs("output").build());
      network.init();
      return network;
    }
  },
  /** Two layers of 128 LSTM units, one time step at a time. */
  LSTM(InputType.recurrent(128)) {
    @Override
    Model network() {
      return layers(
          new LSTM.Builder().nOut(128).activation(Activation.TANH).build(),
          new LSTM.Builder().nOut(128).activation(Activation.TANH).build(),
          new RnnOutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build());
    }
  };

  private static final double BACKGROUND = 0.8;

  @SuppressWarnings("ImmutableEnumChecker") // DL4J does not say that its types are not changed
  private final InputType type;

  InferenceNetworks(InputType type) {
    this.type = type;
  }

  /** A network before and after pruning, and a sample. */
  record Case(Model dense, Model pruned, INDArray sample, InputType type) {}

  abstract Model network();

  InputType type() {
    return type;
  }

  Case make(String file, double sparsity, int block) throws IOException {
    Random random = new Random(7);
    Model dense = network();
    Model pruned = file.isEmpty() ? network() : load(file);
    if (file.isEmpty()) {
      pruned
          .paramTable()
          .forEach(
              (key, values) -> {
                if (key.endsWith("W")) {
                  zero(values, sparsity, block, random);
                }
              });
    }
    return new Case(dense, pruned, sample(random), type);
  }

  /** Sets random weights to zero, in groups of neighbouring outputs of a matrix. */
  private static void zero(INDArray values, double sparsity, int block, Random random) {
    long outputs = values.rank() == 2 ? values.size(1) : 1;
    boolean removed = false;
    for (long i = 0; i < values.length(); i++) {
      if (outputs == 1 || i % outputs % block == 0) {
        removed = random.nextDouble() < sparsity;
      }
      if (removed && outputs > 1) {
        values.putScalar(i / outputs, i % outputs, 0.0);
      } else if (removed) {
        values.putScalar(i, 0.0);
      }
    }
  }

  private Model load(String file) throws IOException {
    return this == RESNET_8
        ? ModelSerializer.restoreComputationGraph(new File(file), false)
        : ModelSerializer.restoreMultiLayerNetwork(new File(file), false);
  }

  /** Digits are mostly background; images and sequences are not. */
  private INDArray sample(Random random) {
    long[] shape =
        switch (this) {
          case LENET_300_100, LENET_5 -> new long[] {1, 784};
          case VGG, RESNET_8 -> new long[] {1, 3, 32, 32};
          case LSTM -> new long[] {1, 128, 1};
        };
    INDArray sample = Nd4j.rand(shape);
    for (long i = 0; i < sample.length() && shape.length == 2; i++) {
      if (random.nextDouble() < BACKGROUND) {
        sample.putScalar(i, 0.0);
      }
    }
    return sample;
  }

  private static NeuralNetConfiguration.Builder common() {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .activation(Activation.RELU)
        .weightInit(WeightInit.RELU);
  }

  MultiLayerNetwork layers(Layer... layers) {
    ListBuilder list = common().list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(type).build());
    network.init();
    return network;
  }

  static Layer output() {
    return new OutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build();
  }

  static Layer pool() {
    return new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build();
  }

  static Layer convolution(int width, int side, int step) {
    return new ConvolutionLayer.Builder(side, side)
        .stride(step, step)
        .nOut(width)
        .hasBias(false)
        .convolutionMode(ConvolutionMode.Same)
        .activation(Activation.IDENTITY)
        .build();
  }

  static String normalised(
      GraphBuilder graph, String name, String input, Layer convolution, Activation activation) {
    graph.addLayer(name, convolution, input);
    graph.addLayer(name + "norm", new BatchNormalization.Builder().build(), name);
    graph.addLayer(name + "relu", new ActivationLayer(activation), name + "norm");
    return name + "relu";
  }
}
