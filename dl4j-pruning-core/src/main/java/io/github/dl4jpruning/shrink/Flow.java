package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The flow of activations through a network, with only as many kinds of steps as are needed to find
 * coupled and constant channels.
 *
 * <p>A node outputs activations with a number of channels (features, units), whatever other axes
 * they have. Nodes come after the nodes that they read.
 *
 * @param nodes the steps; a node is identified by its index
 * @param tensors parameters whose entries belong to channels
 * @param ties pairs of nodes whose channels must be removed together
 * @param outputs the output nodes of the network, whose channels are all kept
 */
record Flow(List<Node> nodes, List<Tensor> tensors, List<Tie> ties, List<Integer> outputs) {

  /** The width of a node whose width is not known. */
  static final int UNKNOWN = -1;

  Flow {
    nodes = List.copyOf(nodes);
    tensors = List.copyOf(tensors);
    ties = List.copyOf(ties);
    outputs = List.copyOf(outputs);
  }

  /**
   * A step.
   *
   * @param part the layer or vertex that it belongs to
   * @param width number of channels, or {@link #UNKNOWN}
   * @param op the operation
   * @param inputs the nodes that it reads
   */
  record Node(String part, int width, Op op, List<Integer> inputs) {
    Node {
      inputs = List.copyOf(inputs);
    }

    int input() {
      return inputs.get(0);
    }
  }

  /** Two nodes whose channels are removed together, index by index. */
  record Tie(int a, int b) {}

  /**
   * A parameter, and the nodes whose channels its axes represent.
   *
   * @param parameter the parameter
   * @param layout the meaning of its flat index
   * @param outputs the node of its output channels, or −1 if there is none
   * @param inputs the node of its input channels, or −1 if there is none
   */
  record Tensor(PrunableParameter parameter, KernelLayout layout, int outputs, int inputs) {}

  /** Maps a constant in a channel. */
  @FunctionalInterface
  interface ChannelFunction {
    /**
     * Returns the output for a constant input.
     *
     * @param channel index of the channel
     * @param value the input; NaN if not constant
     * @return the output; NaN if not constant
     */
    double apply(int channel, double value);
  }

  /** The operation of a node. */
  sealed interface Op {}

  /** External data, whose channels are all kept. */
  record Source() implements Op {}

  /**
   * Reads all channels of its inputs in an unknown way, so they are kept, and so are its own.
   *
   * @param why the reason, in a few words
   */
  record Opaque(String why) implements Op {}

  /**
   * Passes on its input, but uses all channels together, so they are kept.
   *
   * @param why the reason, in a few words
   */
  record Pinned(String why) implements Op {}

  /**
   * Each channel is a channel of its input.
   *
   * @param from for each channel, the channel of the input
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Gather(int[] from) implements Op {}

  /** The channels of its inputs, concatenated. */
  record Concat() implements Op {}

  /** Combines its inputs channel by channel. */
  record Combine(Combination how) implements Op {}

  /** How constants combine; used for nothing else. */
  enum Combination {
    ADD,
    SUBTRACT,
    PRODUCT,
    AVERAGE,
    MAX,
    /** Some examples from one input, some from another. */
    EITHER
  }

  /** Maps each channel separately, all with the same function. */
  record Scalar(DoubleUnaryOperator function) implements Op {}

  /** Maps each channel separately, with its own function. */
  record Channelwise(ChannelFunction function) implements Op {}

  /**
   * Processes each channel separately, over its positions: pooling, padding, cropping.
   *
   * @param keepsZero whether a channel that is zero everywhere stays zero
   * @param keepsConstants whether a channel that is constant keeps its value
   */
  record Spatial(boolean keepsZero, boolean keepsConstants) implements Op {}

  /**
   * A depthwise convolution: channel c produces channels c·multiplier to (c + 1)·multiplier − 1.
   *
   * @param weights index of the kernel in {@link Flow#tensors}
   * @param bias index of the bias, or −1
   * @param multiplier output channels for each input channel
   * @param copiesFirst whether the axis of a channel's copies in the kernel is slower than that of
   *     the channels
   * @param padded whether zeros are read beyond the border
   */
  record Depthwise(int weights, int bias, int multiplier, boolean copiesFirst, boolean padded)
      implements Op {}

  /**
   * W·x + b, at one position or at many.
   *
   * @param weights index of W in {@link Flow#tensors}; produces the node's channels
   * @param bias index of b, or −1
   * @param padded whether the sum may vary over positions even if x is constant, because zeros are
   *     read beyond the border or parts of the kernel are not used
   */
  record Affine(int weights, int bias, boolean padded) implements Op {}

  /**
   * A recurrent layer, which reads its input and its own last output.
   *
   * @param weights index of W
   * @param recurrent index of the recurrent weights, whose input channels are the node's own
   * @param bias index of b
   * @param gates 1, or 4 in an LSTM; the columns of W are ordered gate by gate, the candidate first
   * @param activation the activation function of a unit
   */
  record Recurrent(int weights, int recurrent, int bias, int gates, DoubleUnaryOperator activation)
      implements Op {}
}
