package io.github.dl4jpruning.activations;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;

/** Finds the layers whose outputs can be reconstructed. */
public final class LinearLayers {

  private static final String WEIGHTS = "W";
  private static final String RECURRENT = "RW";
  private static final String BIAS = "b";
  private static final String GAIN = "g";

  /** The kinds themselves: a layer that extends one may compute something else. */
  private static final Set<Class<?>> PLAIN =
      Set.of(
          DenseLayer.class,
          OutputLayer.class,
          RnnOutputLayer.class,
          CenterLossOutputLayer.class,
          ConvolutionLayer.class,
          Convolution2D.class);

  /** Moments of more inputs would take more than half a gigabyte. */
  private static final int MOST_INPUTS = 8_192;

  private LinearLayers() {}

  /**
   * Returns a layer as a matrix.
   *
   * @param network the network
   * @param name the name of the layer
   * @return the matrix; empty for a layer of another kind, or with more than 8,192 inputs
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
        PLAIN.contains(configuration.getClass())
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
    LinearLayer linear = new LinearLayer(name, blocks, find(own, BIAS));
    return linear.columns() > MOST_INPUTS ? Optional.empty() : Optional.of(linear);
  }

  private static Optional<PrunableParameter> find(List<PrunableParameter> own, String key) {
    return own.stream().filter(p -> p.key().equals(key)).findFirst();
  }
}
