package io.github.dl4jpruning.models;

import io.github.dl4jpruning.model.InputGuess;
import io.github.dl4jpruning.model.NetworkTopology;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/**
 * What a network with one input and one output reads and gives.
 *
 * @param input the type of its input; the height and width of images are 0 if the network leaves
 *     them open, and the length of sequences is
 * @param outputs the number of values of an output, for each step of a sequence
 * @param steps the format of the output if there is one for each step of a sequence
 * @param classifies whether outputs are probabilities: softmax or sigmoid
 */
public record NetworkForm(
    InputType input, int outputs, Optional<RNNFormat> steps, boolean classifies) {

  /**
   * Finds the form of a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param shape the shape of its input if it leaves it open
   * @return its form
   * @throws IllegalArgumentException if it has several inputs or outputs, or its input cannot be
   *     told
   */
  public static NetworkForm of(Model network, Optional<InputShape> shape) {
    NetworkTopology topology = NetworkTopology.of(network);
    if (topology.inputs() != 1 || topology.outputs().size() != 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected a model with one input and one output, but found %d and %d",
              topology.inputs(),
              topology.outputs().size()));
    }
    Optional<InputType> guess = InputGuess.of(topology, 0);
    InputType input =
        shape
            .map(given -> given(network, given, guess))
            .or(() -> guess)
            .or(() -> images(topology))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the model leaves the shape of its input open; give it with --input"));
    return output(topology, input);
  }

  /** A network that reads images as vectors goes on to do so. */
  private static InputType given(Model network, InputShape shape, Optional<InputType> guess) {
    InputType type = InputShape.types(network, List.of(shape))[0];
    boolean flat =
        guess
            .filter(
                read ->
                    read instanceof InputType.InputTypeFeedForward
                        || read instanceof InputType.InputTypeConvolutionalFlat)
            .filter(read -> read.arrayElementsPerExample() == type.arrayElementsPerExample())
            .isPresent();
    return flat && type instanceof InputType.InputTypeConvolutional images
        ? InputType.convolutionalFlat(images.getHeight(), images.getWidth(), images.getChannels())
        : type;
  }

  /** Convolutions take images of any size. */
  private static Optional<InputType> images(NetworkTopology topology) {
    return topology.nodes().stream()
        .filter(node -> node.sources().contains(0))
        .map(NetworkTopology.Node::configuration)
        .filter(layer -> layer.getClass() == ConvolutionLayer.class)
        .map(ConvolutionLayer.class::cast)
        .map(layer -> images(topology, layer))
        .findFirst();
  }

  private static InputType images(NetworkTopology topology, ConvolutionLayer first) {
    long side = ImageSize.of(topology, first.getNIn(), first.getCnn2dDataFormat()).orElse(0);
    return new InputType.InputTypeConvolutional(
        side, side, first.getNIn(), first.getCnn2dDataFormat());
  }

  private static NetworkForm output(NetworkTopology topology, InputType input) {
    int last = topology.outputs().get(0) - topology.inputs();
    Object layer = topology.nodes().get(last).configuration();
    boolean classifies = false;
    if (layer instanceof BaseLayer base) {
      IActivation activation = base.getActivationFn();
      classifies =
          activation instanceof ActivationSoftmax || activation instanceof ActivationSigmoid;
    }
    Optional<RNNFormat> steps = Optional.empty();
    if (layer instanceof RnnOutputLayer output) {
      steps = Optional.of(formatOf(output.getRnnDataFormat()));
    } else if (layer instanceof RnnLossLayer loss) {
      steps = Optional.of(formatOf(loss.getRnnDataFormat()));
    }
    int at = last;
    while (at >= 0 && width(topology.nodes().get(at).configuration()) == 0) {
      at = topology.nodes().get(at).sources().get(0) - topology.inputs();
    }
    if (at < 0) {
      throw new IllegalArgumentException("expected a model with a layer that has outputs");
    }
    return new NetworkForm(
        input, (int) width(topology.nodes().get(at).configuration()), steps, classifies);
  }

  private static Object innermost(Object layer) {
    return layer instanceof BaseWrapperLayer wrapper
        ? innermost(wrapper.getUnderlying())
        : layer instanceof FrozenLayer frozen ? innermost(frozen.getLayer()) : layer;
  }

  private static long width(Object layer) {
    return innermost(layer) instanceof FeedForwardLayer plain ? plain.getNOut() : 0;
  }

  private static RNNFormat formatOf(@Nullable RNNFormat format) {
    return format == null ? RNNFormat.NCW : format;
  }

  /**
   * Returns the same form with the size of images.
   *
   * @param height the height in pixels
   * @param width the width in pixels
   * @return a form without open sizes
   */
  public NetworkForm withImages(long height, long width) {
    if (!(input instanceof InputType.InputTypeConvolutional open) || open.getHeight() != 0) {
      return this;
    }
    CNN2DFormat format = open.getFormat();
    return new NetworkForm(
        InputType.convolutional(height, width, open.getChannels(), format),
        outputs,
        steps,
        classifies);
  }
}
