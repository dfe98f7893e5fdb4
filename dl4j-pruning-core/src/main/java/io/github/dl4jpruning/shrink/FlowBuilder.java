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
 * Collects the nodes and tensors of a {@link Flow}, and how the configuration of each part has to
 * change once it is known how wide nodes become.
 */
final class FlowBuilder {

  /**
   * Activations on their way.
   *
   * @param node the node that gives them
   * @param axis which axis of the array tells channels apart; 0 where it is not known
   * @param steps whether there are time steps, of which some may be masked, which makes them zero
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

  /** Changes the configuration of a part to its new widths. */
  @FunctionalInterface
  interface Edit {
    /**
     * Changes it.
     *
     * @param configuration of the layer or vertex
     * @param preProcessor of the layer, if it has one
     * @param widths the new width of a node
     */
    void apply(Object configuration, Optional<InputPreProcessor> preProcessor, Widths widths);
  }

  /** New widths. */
  interface Widths {
    /** Channels that a node keeps. */
    int of(int node);

    /** Channels that a node keeps of its first ones. */
    int ofFirst(int node, int channels);
  }

  /** In any network, however few its parameters are. */
  private static final long FREE_CHANNELS = 1 << 22;

  private final NetworkParameters network;
  private final Map<String, PrunableParameter> parameters = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Flow.Tie> ties = new ArrayList<>();
  private final Map<String, List<Edit>> edits = new HashMap<>();

  /** Of all nodes together, whatever they are. */
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

  /** By part, in the order in which they were added. */
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
   * Widths are asked for before room is made for them: where they come from numbers in a
   * configuration that no weight depends on, they may be of any size.
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

  /** A step that leaves the width as it is. */
  Activations step(String part, Op op, Activations in) {
    return in.at(add(part, width(in), op, in.node()));
  }

  /**
   * What follows may be zero where its constants are not: zero stays, and nothing else is known.
   */
  Activations zerosAmong(String part, Activations in) {
    return step(part, new Flow.Spatial(true, false), in);
  }

  void tie(int a, int b) {
    ties.add(new Flow.Tie(a, b));
  }

  /** What is read in a way that is not known, with the width that it is known to have behind. */
  Activations opaque(String part, String why, int width, Activations... in) {
    int[] inputs = Arrays.stream(in).mapToInt(Activations::node).toArray();
    boolean steps = Arrays.stream(in).anyMatch(Activations::steps);
    return new Activations(add(part, width, new Flow.Opaque(why), inputs), 0, steps);
  }

  /** The same activations, with the width that the reader has weights for. */
  Activations expect(String part, Activations in, int width) {
    if (width(in) == width) {
      return in;
    }
    String why = width(in) == Flow.UNKNOWN ? "" : "reads " + width + " channels of " + width(in);
    return opaque(part, why, width, in).along(in.axis());
  }

  /** A parameter of a part, if it has one of that name. */
  Optional<PrunableParameter> parameter(String part, String key) {
    return Optional.ofNullable(parameters.get(part + "." + key));
  }

  /** A tensor with the layout that its parameter has; −1 if there is no such parameter. */
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
   * The values of a parameter as they are now; what stands for it otherwise, where it is absent.
   */
  IntToDoubleFunction values(String part, String key, double otherwise) {
    return parameter(part, key).map(network::reader).orElse(i -> otherwise);
  }

  /** An activation function; one that looks at all units together makes them stay. */
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
