package io.github.dl4jpruning.models;

import io.github.dl4jpruning.model.NetworkTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;

/**
 * Finds the size of images that a network reads. DL4J does not save it, but a dense layer behind
 * convolutions fits only few sizes.
 */
final class ImageSize {

  private static final int MOST = 512;

  private final NetworkTopology topology;
  private final long channels;
  private final CNN2DFormat format;

  private ImageSize(NetworkTopology topology, long channels, CNN2DFormat format) {
    this.topology = topology;
    this.channels = channels;
    this.format = format;
  }

  /**
   * Returns the side of square images that fit; of several, the one with the most factors of two.
   *
   * @return a side; empty if any size fits, or no square does
   */
  static OptionalInt of(NetworkTopology topology, long channels, CNN2DFormat format) {
    boolean bound =
        topology.nodes().stream()
            .anyMatch(
                node ->
                    node.preProcessor()
                        .filter(CnnToFeedForwardPreProcessor.class::isInstance)
                        .isPresent());
    if (!bound) {
      return OptionalInt.empty();
    }
    ImageSize sizes = new ImageSize(topology, channels, format);
    return IntStream.rangeClosed(1, MOST)
        .filter(sizes::fits)
        .reduce(
            (one, other) ->
                Integer.numberOfTrailingZeros(other) > Integer.numberOfTrailingZeros(one)
                    ? other
                    : one);
  }

  private boolean fits(int side) {
    List<InputType> types = new ArrayList<>();
    types.add(InputType.convolutional(side, side, channels, format));
    try {
      for (int i = 0; i < topology.nodes().size(); i++) {
        NetworkTopology.Node node = topology.nodes().get(i);
        List<InputType> read = node.sources().stream().map(types::get).toList();
        InputType first = read.get(0);
        InputPreProcessor before = node.preProcessor().orElse(null);
        if (before instanceof CnnToFeedForwardPreProcessor flatten && !fits(flatten, first)) {
          return false;
        }
        if (before != null) {
          first = before.getOutputType(first);
        }
        types.add(
            node.configuration() instanceof Layer layer
                ? layer.getOutputType(i, first)
                : ((GraphVertex) node.configuration())
                    .getOutputType(i, read.toArray(InputType[]::new)));
      }
      return true;
    } catch (RuntimeException e) { // layers throw various exceptions for sizes that do not fit
      return false;
    }
  }

  private static boolean fits(CnnToFeedForwardPreProcessor flatten, InputType type) {
    return type instanceof InputType.InputTypeConvolutional images
        && images.getHeight() == flatten.getInputHeight()
        && images.getWidth() == flatten.getInputWidth();
  }
}
