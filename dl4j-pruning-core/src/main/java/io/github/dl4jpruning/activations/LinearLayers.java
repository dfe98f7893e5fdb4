package io.github.dl4jpruning.activations;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;

/** Finds the layers whose outputs can be reconstructed. */
public final class LinearLayers {

  private static final String WEIGHTS = "W";
  private static final String RECURRENT = "RW";
  private static final String BIAS = "b";
  private static final String GAIN = "g";

  private LinearLayers() {}

  /**
   * Returns a layer as a matrix.
   *
   * @param network the network
   * @param name the name of the layer
   * @return the matrix; empty for a layer of another kind
   */
  public static Optional<LinearLayer> of(NetworkParameters network, String name) {
    Optional<Layer> layer = network.layer(name).flatMap(LayerInputs::innermost);
    if (layer.isEmpty()) {
      return Optional.empty();
    }
    Object configuration = layer.get().conf().getLayer();
    boolean recurrent =
        configuration.getClass() == LSTM.class || configuration.getClass() == SimpleRnn.class;
    boolean plain =
        configuration instanceof DenseLayer
            || configuration instanceof BaseOutputLayer
            || configuration.getClass() == ConvolutionLayer.class
            || (configuration instanceof Convolution1DLayer convolution
                && convolution.getConvolutionMode() != ConvolutionMode.Causal);
    if (!recurrent && !plain) {
      return Optional.empty();
    }
    List<PrunableParameter> own =
        network.parameters().stream().filter(p -> p.layer().equals(name)).toList();
    Optional<PrunableParameter> weights = find(own, WEIGHTS);
    // With layer normalisation, what a weight adds is scaled by the others.
    if (weights.isEmpty() || find(own, GAIN).isPresent()) {
      return Optional.empty();
    }
    List<LinearLayer.Block> blocks = new ArrayList<>();
    blocks.add(LinearLayer.Block.of(weights.get(), recurrent));
    if (recurrent) {
      blocks.add(LinearLayer.Block.of(find(own, RECURRENT).orElseThrow(), true));
    }
    return Optional.of(new LinearLayer(name, blocks, find(own, BIAS)));
  }

  private static Optional<PrunableParameter> find(List<PrunableParameter> own, String key) {
    return own.stream().filter(p -> p.key().equals(key)).findFirst();
  }
}
