package io.github.dl4jpruning.export.onnx;

import static io.github.dl4jpruning.export.onnx.OnnxGraph.integers;

import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;

/** Makes an ONNX model of a plan. */
final class OnnxModel {

  static final int OPSET = 13;
  private static final int IR_VERSION = 8;

  /** Of a message of protobuf, with room for everything but the weights. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 24);

  private final InferencePlan plan;
  private final List<ValueShape> shapes;
  private final OnnxGraph graph;
  private final OnnxSpatial spatial;
  private final boolean volumes;

  private OnnxModel(InferencePlan plan, ExportOptions options) {
    this.plan = plan;
    this.shapes = ValueShape.of(plan);
    this.volumes = hasDepth();
    this.graph = new OnnxGraph(options.halfPrecision(), options.sparseInitializers());
    this.spatial = new OnnxSpatial(graph, volumes);
  }

  /**
   * Makes a model.
   *
   * @throws IllegalArgumentException if an operation has no form in ONNX
   */
  static ModelProto of(InferencePlan plan, ExportOptions options) {
    return new OnnxModel(plan, options).made();
  }

  private boolean hasDepth() {
    return shapes.stream().anyMatch(shape -> shape.depth() > 1)
        || plan.steps().stream()
            .map(InferencePlan.Step::operation)
            .anyMatch(
                operation ->
                    operation instanceof Operation.Convolution convolution
                        && convolution.window().size().get(0) > 1);
  }

  private ModelProto made() {
    long bytes =
        plan.weights().stream().mapToLong(w -> (long) Float.BYTES * w.values().length).sum();
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "expected weights of at most "
              + MOST_BYTES
              + " bytes, the most that one ONNX file can hold, but found "
              + bytes);
    }
    plan.inputs().forEach(input -> graph.reserve(name(input.name(), "input")));
    plan.outputs().forEach(output -> graph.reserve(name(output.name(), "output")));
    List<String> values = new ArrayList<>();
    for (int i = 0; i < plan.inputs().size(); i++) {
      values.add(input(plan.inputs().get(i), i));
    }
    String firstInput = name(plan.inputs().get(0).name(), "input");
    OnnxTranslator translator = new OnnxTranslator(graph, spatial, firstInput);
    for (InferencePlan.Step step : plan.steps()) {
      graph.setLayer(step.layer());
      values.add(
          translator.add(
              step.operation(),
              step.inputs().stream().map(values::get).toList(),
              step.inputs().stream().map(shapes::get).toList()));
    }
    plan.outputs().forEach(output -> output(output, values.get(output.value())));
    long weights = plan.weights().stream().mapToLong(w -> w.values().length).sum();
    long kept = plan.weights().stream().mapToLong(w -> w.nonZeros()).sum();
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("dl4j-pruning")
        .setProducerVersion(version())
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .addMetadataProps(entry("sparsity", plan.sparsity()))
        .addMetadataProps(entry("compression ratio", (double) weights / Math.max(kept, 1)))
        .setGraph(graph.proto())
        .build();
  }

  private static String version() {
    String version = OnnxModel.class.getPackage().getImplementationVersion();
    return version == null ? "" : version;
  }

  private static StringStringEntryProto entry(String key, double value) {
    return StringStringEntryProto.newBuilder()
        .setKey(key)
        .setValue(String.format(Locale.ROOT, "%.4f", value))
        .build();
  }

  private static String name(String own, String otherwise) {
    return own.isEmpty() ? otherwise : own;
  }

  /** Declares an input in the layout of DL4J's array, and converts it to that of the nodes. */
  private String input(InferencePlan.Input input, int index) {
    String name = name(input.name(), "input");
    ValueShape shape = shapes.get(index);
    graph.setLayer(name);
    graph.proto().addInput(info(name, shape, input.channelsLast(), "steps" + index));
    if (shape.planes() && input.channelsLast()) {
      return graph.node("Transpose", name, integers("perm", channelsFirst()));
    } else if (shape.sequence() && !input.channelsLast()) {
      return graph.node("Transpose", name, integers("perm", 0, 2, 1));
    }
    return name;
  }

  private void output(InferencePlan.Output output, String value) {
    String name = name(output.name(), "output");
    ValueShape shape = shapes.get(output.value());
    graph.setLayer(name);
    if (shape.sequence() && shape.planes()) {
      throw graph.unsupported("an output of planes for each step of a sequence");
    }
    graph.proto().addOutput(info(name, shape, output.channelsLast(), "steps of " + name));
    if (shape.planes() && output.channelsLast()) {
      long[] last = new long[spatial.rank()];
      for (int axis = 1; axis < last.length - 1; axis++) {
        last[axis] = axis + 1L;
      }
      last[last.length - 1] = 1;
      graph.named("Transpose", List.of(value), name, integers("perm", last));
    } else if (shape.sequence() && !shape.planes() && !output.channelsLast()) {
      graph.named("Transpose", List.of(value), name, integers("perm", 0, 2, 1));
    } else {
      graph.named("Identity", List.of(value), name);
    }
  }

  private long[] channelsFirst() {
    int rank = spatial.rank();
    return IntStream.range(0, rank)
        .mapToLong(axis -> axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1)
        .toArray();
  }

  private ValueInfoProto info(String name, ValueShape shape, boolean channelsLast, String steps) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("examples"));
    List<TensorShapeProto.Dimension> positions = new ArrayList<>();
    if (shape.planes()) {
      for (int axis = volumes ? 0 : 1; axis < 3; axis++) {
        positions.add(dimension(shape.size(axis), steps));
      }
    } else if (shape.sequence()) {
      positions.add(dimension(ValueShape.ANY, steps));
    }
    TensorShapeProto.Dimension channels = dimension(shape.channels(), steps);
    if (channelsLast) {
      dimensions.addAllDim(positions).addDim(channels);
    } else {
      dimensions.addDim(channels).addAllDim(positions);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(dimensions)))
        .build();
  }

  private static TensorShapeProto.Dimension dimension(int size, String name) {
    TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
    return (size == ValueShape.ANY ? dimension.setDimParam(name) : dimension.setDimValue(size))
        .build();
  }
}
