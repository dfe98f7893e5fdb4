package io.github.dl4jpruning.export;

import io.github.dl4jpruning.export.InferencePlan.Form;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Translates a network into the steps of a plan. */
final class PlanBuilder {

  private final List<InferencePlan.Input> inputs = new ArrayList<>();
  private final List<InferencePlan.Step> steps = new ArrayList<>();
  private final Map<String, INDArray> parameters;

  /** The layer that is being translated, and the prefix of its parameters in DL4J's table. */
  private String layer = "";

  private String prefix = "";

  private PlanBuilder(Map<String, INDArray> parameters) {
    this.parameters = parameters;
  }

  static InferencePlan build(Model network, ExportOptions options) {
    Model smaller = NetworkShrinker.shrink(network);
    NetworkTopology topology = NetworkTopology.of(smaller);
    PlanBuilder builder = new PlanBuilder(smaller.paramTable());
    List<Flowing> sources = builder.inputs(topology, options);
    boolean numbered = smaller instanceof MultiLayerNetwork;
    VertexTranslator vertices = new VertexTranslator(builder, topology.inputNames(), sources);
    for (int i = 0; i < topology.nodes().size(); i++) {
      NetworkTopology.Node node = topology.nodes().get(i);
      builder.layer = node.name();
      builder.prefix = (numbered ? Integer.toString(i) : node.name()) + "_";
      Flowing[] in = node.sources().stream().map(sources::get).toArray(Flowing[]::new);
      sources.add(vertices.read(node.configuration(), node.preProcessor(), in));
    }
    List<InferencePlan.Output> outputs = new ArrayList<>();
    List<String> names = builder.outputNames(topology, numbered);
    for (int i = 0; i < names.size(); i++) {
      Flowing out = sources.get(topology.outputs().get(i));
      builder.layer = names.get(i);
      boolean last = out.channelsLast() || (out.folded() && !out.planes());
      outputs.add(new InferencePlan.Output(names.get(i), last, builder.only(out)));
    }
    InferencePlan plan = new InferencePlan(builder.inputs, builder.steps, outputs);
    if (options.normalizer().isPresent() && !plan.maskedValues().isEmpty()) {
      throw new IllegalArgumentException(
          "expected a network without MaskZeroLayer, or no normaliser in the export: whether a step"
              + " is masked would depend on the rounding of normalised values; normalise the data"
              + " before the model");
    }
    return plan;
  }

  private List<String> outputNames(NetworkTopology topology, boolean numbered) {
    return numbered
        ? List.of("")
        : topology.outputs().stream()
            .map(o -> topology.nodes().get(o - topology.inputs()).name())
            .toList();
  }

  private List<Flowing> inputs(NetworkTopology topology, ExportOptions options) {
    List<Flowing> sources = new ArrayList<>();
    List<InputShape> shapes = InputShape.of(topology, options.inputTypes());
    for (int i = 0; i < shapes.size(); i++) {
      InputShape shape = shapes.get(i);
      inputs.add(
          new InferencePlan.Input(
              topology.inputNames().get(i), shape.form(), shape.channelsLast(), shape.sizes()));
    }
    for (int i = 0; i < shapes.size(); i++) {
      InputShape shape = shapes.get(i);
      Flowing in =
          new Flowing(
              List.of(i),
              shape.form() == Form.PLANES,
              shape.form() == Form.SEQUENCE,
              shape.channelsLast(),
              false);
      layer = shape.name();
      sources.add(
          i == 0 && options.normalizer().isPresent()
              ? Normalizers.apply(options.normalizer().get(), this, in, shape)
              : in);
    }
    return sources;
  }

  /** Adds an operation on each value of a flow. */
  Flowing add(Operation operation, Flowing in) {
    return in.at(in.values().stream().map(value -> step(operation, value)).toList());
  }

  /** Adds an operation on several flows, value by value. */
  Flowing join(Operation operation, Flowing... in) {
    List<Integer> values = new ArrayList<>();
    for (int v = 0; v < in[0].values().size(); v++) {
      int index = v;
      for (Flowing other : in) {
        if (other.values().size() != in[0].values().size()) {
          throw unsupported("inputs of which only some are stacked");
        }
      }
      Integer[] read = Arrays.stream(in).map(f -> f.values().get(index)).toArray(Integer[]::new);
      values.add(step(operation, read));
    }
    return in[0].at(values);
  }

  private int step(Operation operation, Integer... read) {
    steps.add(new InferencePlan.Step(layer, operation, List.of(read)));
    return inputs.size() + steps.size() - 1;
  }

  /** Adds an activation after a flow, as a separate step. */
  Flowing activated(IActivation activation, Flowing in) {
    if (Activations.isSoftmax(activation)) {
      return add(new Operation.Softmax(lastAxis(in)), in);
    }
    Activation function = Activations.of(activation, layer);
    return function.isIdentity() ? in : add(new Operation.Activate(function), in);
  }

  /** Returns the meaning of the last axis of DL4J's array, along which DL4J computes a softmax. */
  private static Operation.Axis lastAxis(Flowing in) {
    if (in.planes()) {
      return in.channelsLast() ? Operation.Axis.CHANNELS : Operation.Axis.WIDTH;
    }
    boolean channels = !in.steps() || in.folded() || in.channelsLast();
    return channels ? Operation.Axis.CHANNELS : Operation.Axis.STEPS;
  }

  /** Adds an activation of a layer that DL4J runs on one row for each position or step. */
  Flowing activatedByRow(IActivation activation, Flowing in) {
    return Activations.isSoftmax(activation)
        ? add(new Operation.Softmax(Operation.Axis.CHANNELS), in)
        : activated(activation, in);
  }

  /** Returns the only value of a flow. */
  int only(Flowing flow) {
    if (flow.values().size() != 1) {
      throw unsupported("an output of stacked examples");
    }
    return flow.values().get(0);
  }

  /** Returns the layer or vertex that is being translated. */
  String layer() {
    return layer;
  }

  boolean has(String key) {
    return parameters.containsKey(prefix + key);
  }

  INDArray parameter(String key) {
    INDArray found = parameters.get(prefix + key);
    if (found == null) {
      throw new IllegalStateException("expected a parameter " + prefix + key + ", but found none");
    }
    return found;
  }

  /** Returns the elements of a parameter in row-major order. */
  float[] values(String key) {
    return values(parameter(key));
  }

  static float[] values(INDArray array) {
    return array.dup('c').data().asFloat();
  }

  /** Returns a bias, or none. */
  Matrix bias(String key) {
    return has(key) ? Matrix.vector(values(key)) : Matrix.NONE;
  }

  /** Returns the transpose of a parameter with two axes. */
  Matrix transposed(String key) {
    INDArray array = parameter(key);
    int rows = Math.toIntExact(array.size(1));
    int columns = Math.toIntExact(array.size(0));
    return new Matrix(rows, columns, values(array.transpose()));
  }

  /** Creates the error for a part that has no form in a plan. */
  IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(
        "layer "
            + layer
            + ": expected a layer that can be exported, but found "
            + what
            + "; docs/runtime.md lists those that can. Take it out of the network, or run"
            + " the part with it in DL4J");
  }
}
