package io.github.dl4jpruning.testing.networks;

import io.github.dl4jpruning.testing.networks.RandomNetworks.Family;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;

/** Networks whose layers form one sequence. */
final class RandomStacks {

  private final Draws draws;
  private final Family family;
  private final VectorLayers vectors;
  private final SequenceLayers sequences;
  private final ConvolutionLayers convolutions;

  RandomStacks(Draws draws, Family family, boolean penalised) {
    this.draws = draws;
    this.family = family;
    this.vectors = new VectorLayers(draws);
    this.sequences = new SequenceLayers(draws);
    this.convolutions = new ConvolutionLayers(draws, family, penalised);
  }

  MultiLayerNetwork network(NeuralNetConfiguration.Builder defaults, InputType inputType) {
    ListBuilder list = defaults.list();
    List<Layer> body = new ArrayList<>();
    if (family == Family.WORD_INDEX) {
      body.add(
          new EmbeddingLayer.Builder()
              .nIn(RandomNetworks.WORDS)
              .nOut(draws.width())
              .hasBias(draws.nextBoolean())
              .activation(Activation.TANH)
              .build());
    }
    int depth = 2 + draws.nextInt(4);
    for (int i = 0; i < depth; i++) {
      body.add(maybeFrozen(bodyLayer(family)));
    }
    boolean stillSequence = family == Family.SEQUENCES && draws.nextBoolean();
    if (family == Family.SEQUENCES && !stillSequence) {
      body.add(sequences.reduction());
    } else if (family.isImages() && draws.nextBoolean() && family != Family.IMAGES_CHANNELS_LAST) {
      body.add(new GlobalPoolingLayer(draws.pooling()));
    }
    if (!stillSequence) {
      int dense = draws.nextInt(3);
      for (int i = 0; i < dense; i++) {
        body.add(bodyLayer(Family.VECTORS));
      }
      if (draws.sometimes()) {
        int width = draws.width();
        body.add(new DenseLayer.Builder().nOut(width).activation(Activation.TANH).build());
        body.add(
            new ElementWiseMultiplicationLayer.Builder()
                .nIn(width)
                .nOut(width)
                .activation(draws.activation())
                .build());
        body.add(Slopes.of(draws, family, width));
      }
    }
    body.addAll(vectors.head(stillSequence));
    body.forEach(list::layer);
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            list.setInputType(inputType).backpropType(BackpropType.Standard).build());
    network.init();
    return network;
  }

  private Layer maybeFrozen(Layer layer) {
    return draws.nextInt(12) == 0 ? new FrozenLayer(layer) : layer;
  }

  private Layer bodyLayer(Family kind) {
    return switch (kind) {
      case VECTORS, WORD_INDEX -> vectors.next();
      case IMAGES, IMAGES_CHANNELS_LAST, FLAT_IMAGES -> convolutions.imageLayer();
      case SEQUENCES -> sequences.next();
      case VOLUMES -> convolutions.volumeLayer();
    };
  }
}
