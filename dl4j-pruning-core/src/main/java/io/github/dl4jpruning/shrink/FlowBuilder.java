package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.model.ElementwiseActivation;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.shrink.Flow.Node;
import io.github.dl4jpruning.shrink.Flow.Op;
import io.github.dl4jpruning.shrink.Flow.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.nd4j.linalg.activations.IActivation;

/**
 * Collects the nodes and tensors of a {@link Flow}, and the edits of each part's configuration for
 * the new widths of the nodes.
 */
final class FlowBuilder {

  /**
   * The activations between two steps.
   *
   * @param node the node that outputs them
   * @param axis the channel axis of the array; 0 if not known
   * @param steps whether there are time steps, some of which may be masked and therefore zero
   */
  record Activations(int node, int axis, boolean steps) {
    Activations at(int other) {
      return new Activations(other, axis, steps);
    }

    Activations along(int other) {
      return new Activations(node, other, steps);
    }

    Activations inSteps(boolean other) {
      return new Activations(node, axis, other);
    }
  }

  /** An edit that sets new widths in the configuration of a part. */
  @FunctionalInterface
  interface Edit {
    /**
     * Applies the edit.
     *
     * @param configuration the configuration of the layer or vertex
     * @param preProcessor the preprocessor of the layer, if it has one
     * @param widths the new widths
     */
    void apply(Object configuration, Optional<InputPreProcessor> preProcessor, Widths widths);
  }

  /** The new widths of nodes. */
  interface Widths {
    /** Returns the number of channels that a node keeps. */
    int of(int node);

    /** Returns how many of its first channels a node keeps. */
    int ofFirst(int node, int channels);
  }

  /** The number of channels that even a network with few parameters may have. */
  private static final long FREE_CHANNELS = 1 << 22;

  private final NetworkParameters network;
  private final Map<String, PrunableParameter> parameters = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Flow.Tie> ties = new ArrayList<>();
  private final Map<String, List<Edit>> edits = new HashMap<>();

  /** The most channels of all nodes together. */
  private final long most;

  private long channels;

  FlowBuilder(NetworkParameters network) {
    this.network = network;
    this.most =
        FREE_CHANNELS
            + 2 * network.parameters().stream().mapToLong(PrunableParameter::length).sum();
    network.parameters().forEach(p -> parameters.put(p.name(), p));
  }

  Flow build(List<Integer> outputs) {
    return new Flow(nodes, tensors, ties, outputs);
  }

  /** Returns the edits by part, in the order in which they were added. */
  Map<String, List<Edit>> edits() {
    return edits;
  }

  void edit(String part, Edit edit) {
    edits.computeIfAbsent(part, p -> new ArrayList<>()).add(edit);
  }

  int next() {
    return nodes.size();
  }

  int width(Activations activations) {
    return nodes.get(activations.node()).width();
  }

  int input(int node) {
    return nodes.get(node).input();
  }

  int add(String part, int width, Op op, int... inputs) {
    room(part, width);
    channels += Math.max(0, width);
    nodes.add(new Node(part, width, op, Arrays.stream(inputs).boxed().toList()));
    return nodes.size() - 1;
  }

  /**
   * Checks a width before memory is allocated for it. The configuration can claim any width if no
   * weight depends on it.
   */
  int room(String part, long width) {
    if (width > most - channels) {
      throw new IllegalArgumentException(
          part
              + ": expected at most "
              + most
              + " channels in a network of that many parameters, but found "
              + (channels + width));
    }
    return Math.toIntExact(width);
  }

  /** Adds a step that keeps the width. */
  Activations step(String part, Op op, Activations in) {
    return in.at(add(part, width(in), op, in.node()));
  }

  /**
   * Marks activations in which zeros may replace constants: zeros stay, and other constants are
   * lost.
   */
  Activations zerosAmong(String part, Activations in) {
    return step(part, new Flow.Spatial(true, false), in);
  }

  void tie(int a, int b) {
    ties.add(new Flow.Tie(a, b));
  }

  /** Adds a step that reads its inputs in an unknown way, with a given output width. */
  Activations opaque(String part, String why, int width, Activations... in) {
    int[] inputs = Arrays.stream(in).mapToInt(Activations::node).toArray();
    boolean steps = Arrays.stream(in).anyMatch(Activations::steps);
    return new Activations(add(part, width, new Flow.Opaque(why), inputs), 0, steps);
  }

  /** Returns the activations with the width that the reading layer has weights for. */
  Activations expect(String part, Activations in, int width) {
    if (width(in) == width) {
      return in;
    }
    String why = width(in) == Flow.UNKNOWN ? "" : "reads " + width + " channels of " + width(in);
    return opaque(part, why, width, in).along(in.axis());
  }

  /** Returns a parameter of a part, if it exists. */
  Optional<PrunableParameter> parameter(String part, String key) {
    return Optional.ofNullable(parameters.get(part + "." + key));
  }

  /**
   * Adds a tensor with the layout of its parameter. Returns its index, or −1 if there is no such
   * parameter.
   */
  int tensor(String part, String key, int outputs, int inputs) {
    return parameter(part, key)
        .map(parameter -> tensor(parameter, parameter.layout(), outputs, inputs))
        .orElse(-1);
  }

  int tensor(PrunableParameter parameter, KernelLayout layout, int outputs, int inputs) {
    tensors.add(new Tensor(parameter, layout, outputs, inputs));
    return tensors.size() - 1;
  }

  /**
   * Returns a reader of a parameter's present values, or of a constant if the parameter is absent.
   */
  IntToDoubleFunction values(String part, String key, double otherwise) {
    return parameter(part, key).map(network::reader).orElse(i -> otherwise);
  }

  /** Adds an activation function. If it depends on all units (softmax), none is removed. */
  Activations activation(String part, IActivation activation, Activations in) {
    return step(
        part,
        ElementwiseActivation.of(activation)
            .<Op>map(Flow.Scalar::new)
            .orElseGet(
                () -> new Flow.Pinned("activation " + activation.getClass().getSimpleName())),
        in);
  }
}
