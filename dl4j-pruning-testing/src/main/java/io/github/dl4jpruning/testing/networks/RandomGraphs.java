package io.github.dl4jpruning.testing.networks;

import io.github.dl4jpruning.testing.networks.RandomNetworks.Family;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;

/** Graphs of blocks, whose branches meet again in vertices of all kinds. */
final class RandomGraphs {

  private final Draws draws;
  private final Family family;

  RandomGraphs(Draws draws, Family family) {
    this.draws = draws;
    this.family = family;
  }

  ComputationGraph network(NeuralNetConfiguration.Builder defaults, InputType inputType) {
    GraphBuilder graph = defaults.graphBuilder().addInputs("in");
    graph.setInputTypes(inputType);
    String last = "in";
    if (family == Family.WORD_INDEX) {
      graph.addLayer(
          "words",
          new EmbeddingLayer.Builder().nIn(RandomNetworks.WORDS).nOut(draws.width()).build(),
          last);
      last = "words";
    }
    int blocks = 1 + draws.nextInt(3);
    for (int b = 0; b < blocks; b++) {
      String name = "b" + b;
      int width = draws.width();
      String stem = name + "stem";
      graph.addLayer(stem, widened(width), last);
      String left = stem;
      String right = stem;
      if (draws.nextBoolean()) {
        left = name + "left";
        graph.addLayer(left, widened(width), stem);
      }
      if (draws.nextBoolean()) {
        String before = right;
        right = name + "norm";
        graph.addLayer(right, normalisation(width), before);
      }
      last = name + "out";
      switch (family == Family.VOLUMES ? 0 : draws.nextInt(8)) {
        case 0, 1, 2 -> {
          graph.addVertex(
              last, new ElementWiseVertex(draws.oneOf(ElementWiseVertex.Op.values())), left, right);
        }
        case 3, 4 -> graph.addVertex(last, new MergeVertex(), left, right);
        case 5 -> {
          graph.addVertex(name + "merged", new MergeVertex(), left, right);
          if (family == Family.IMAGES_CHANNELS_LAST || family == Family.VOLUMES) {
            graph.addVertex(last, new ScaleVertex(0.5), name + "merged");
          } else {
            graph.addVertex(last, new SubsetVertex(1, width), name + "merged");
          }
        }
        case 6 -> {
          graph.addVertex(name + "stacked", new StackVertex(), left, right);
          graph.addVertex(last, new UnstackVertex(1, 2), name + "stacked");
        }
        default -> {
          graph.addVertex(name + "shift", new ShiftVertex(0.25), left);
          graph.addVertex(
              name + "scale",
              draws.nextBoolean() ? new ScaleVertex(2.0) : new L2NormalizeVertex(),
              right);
          graph.addVertex(
              last,
              new ElementWiseVertex(ElementWiseVertex.Op.Add),
              name + "shift",
              name + "scale");
        }
      }
    }
    boolean sequence = family == Family.SEQUENCES && draws.nextBoolean();
    if (family == Family.SEQUENCES && !sequence) {
      if (draws.nextBoolean()) {
        graph.addVertex("backwards", new ReverseTimeSeriesVertex(), last);
        graph.addVertex("final", new LastTimeStepVertex("in"), "backwards");
      } else {
        graph.addLayer("final", new GlobalPoolingLayer(draws.pooling()), last);
      }
      last = "final";
    }
    List<Layer> head = new VectorLayers(draws).head(sequence);
    for (int i = 0; i < head.size(); i++) {
      graph.addLayer("head" + i, head.get(i), last);
      last = "head" + i;
    }
    ComputationGraph network = new ComputationGraph(graph.setOutputs(last).build());
    network.init();
    return network;
  }

  private Layer widened(int width) {
    Activation activation = draws.activation();
    return switch (family) {
      case VECTORS, WORD_INDEX ->
          new DenseLayer.Builder().nOut(width).activation(activation).build();
      case IMAGES, IMAGES_CHANNELS_LAST, FLAT_IMAGES ->
          new ConvolutionLayer.Builder(2, 2)
              .dataFormat(
                  family == Family.IMAGES_CHANNELS_LAST ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
              .convolutionMode(ConvolutionMode.Same)
              .nOut(width)
              .activation(activation)
              .build();
      case SEQUENCES ->
          draws.nextBoolean()
              ? new LSTM.Builder().nOut(width).build()
              : new SimpleRnn.Builder().nOut(width).activation(Activation.TANH).build();
      case VOLUMES ->
          new Convolution3D.Builder(2, 2, 2)
              .convolutionMode(ConvolutionMode.Same)
              .nOut(width)
              .activation(activation)
              .build();
    };
  }

  private Layer normalisation(int width) {
    if (family == Family.SEQUENCES) {
      return new ActivationLayer(Activation.TANH);
    } else if (family == Family.VOLUMES) {
      return new ActivationLayer(Activation.RELU);
    } else if (family.isImages()) {
      boolean last = family == Family.IMAGES_CHANNELS_LAST;
      return draws.nextBoolean()
          ? new BatchNormalization.Builder()
              .dataFormat(last ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
              .build()
          : Slopes.of(
              draws,
              family,
              last
                  ? new long[] {RandomNetworks.SIDE, RandomNetworks.SIDE, width}
                  : new long[] {width, RandomNetworks.SIDE, RandomNetworks.SIDE});
    }
    return draws.nextBoolean() ? new BatchNormalization() : Slopes.of(draws, family, width);
  }
}
