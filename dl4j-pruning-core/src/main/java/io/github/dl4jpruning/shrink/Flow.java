package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How activations flow through a network, in as few kinds of steps as are needed to say which
 * channels belong together and which are constant.
 *
 * <p>A node gives activations with a number of channels (features, units), whatever other axes they
 * have. Nodes stand behind those that they read.
 *
 * @param nodes the steps; a node is known by its index
 * @param tensors parameters whose entries belong to channels
 * @param ties pairs of nodes with equally many channels that have to stay alike
 * @param outputs nodes that the network gives, whose channels all stay
 */
record Flow(List<Node> nodes, List<Tensor> tensors, List<Tie> ties, List<Integer> outputs) {

  /** The width of a node where it is not known. */
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
   * @param op what it does
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
   * A parameter, and whose channels its axes tell apart.
   *
   * @param parameter the parameter
   * @param layout what its flat index means
   * @param outputs the node of its output channels, or −1 where none is to be told apart
   * @param inputs the node of its input channels, or −1
   */
  record Tensor(PrunableParameter parameter, KernelLayout layout, int outputs, int inputs) {}

  /** What happens to a constant in a channel. */
  @FunctionalInterface
  interface ChannelFunction {
    /**
     * What comes out.
     *
     * @param channel which
     * @param value what goes in; NaN where it is not constant
     * @return what comes out; NaN where it is not constant
     */
    double apply(int channel, double value);
  }

  /** What a node does. */
  sealed interface Op {}

  /** Comes from outside: data, whose channels all stay. */
  record Source() implements Op {}

  /**
   * Reads all channels of its inputs in a way that is not known here, so they stay; and so do its
   * own.
   *
   * @param why in a few words
   */
  record Opaque(String why) implements Op {}

  /**
   * Passes its input on, but looks at all channels together, so they stay.
   *
   * @param why in a few words
   */
  record Pinned(String why) implements Op {}

  /**
   * Each channel is one of its input's.
   *
   * @param from which
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Gather(int[] from) implements Op {}

  /** Its inputs' channels behind each other. */
  record Concat() implements Op {}

  /** Its inputs, channel by channel, made into one. */
  record Combine(Combination how) implements Op {}

  /** How constants combine; nothing else depends on it. */
  enum Combination {
    ADD,
    SUBTRACT,
    PRODUCT,
    AVERAGE,
    MAX,
    /** Some examples from one, some from another. */
    EITHER
  }

  /** Each channel on its own, all in the same way. */
  record Scalar(DoubleUnaryOperator function) implements Op {}

  /** Each channel on its own, in its own way. */
  record Channelwise(ChannelFunction function) implements Op {}

  /**
   * Each channel on its own, over its positions: pooling, padding, cropping.
   *
   * @param keepsZero a channel that is zero everywhere stays so
   * @param keepsConstants a channel that is the same everywhere stays as it is
   */
  record Spatial(boolean keepsZero, boolean keepsConstants) implements Op {}

  /**
   * A depthwise convolution: channel c gives channels c·multiplier to (c + 1)·multiplier − 1.
   *
   * @param weights index of the kernel in {@link Flow#tensors}
   * @param bias index of the bias, or −1
   * @param multiplier channels for each one of the input
   * @param copiesFirst whether the kernel has the copies of a channel as a slower axis than the
   *     channels
   * @param padded whether zeros are read beyond the border
   */
  record Depthwise(int weights, int bias, int multiplier, boolean copiesFirst, boolean padded)
      implements Op {}

  /**
   * W·x + b, at one position or at many.
   *
   * @param weights index of W in {@link Flow#tensors}; makes the node's channels
   * @param bias index of b, or −1
   * @param padded whether the sum is not the same at all positions where x is, since zeros are read
   *     beyond the border or parts of the kernel are not used
   */
  record Affine(int weights, int bias, boolean padded) implements Op {}

  /**
   * A recurrent layer: reads its input and its own last output.
   *
   * @param weights index of W
   * @param recurrent index of the recurrent weights, whose input channels are the node's own
   * @param bias index of b
   * @param gates 1, or 4 in an LSTM, gate by gate in the columns of W; the first is the candidate
   * @param activation of a unit
   */
  record Recurrent(int weights, int recurrent, int bias, int gates, DoubleUnaryOperator activation)
      implements Op {}
}
