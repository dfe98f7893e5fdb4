package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.export.Activation;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.Window;
import java.util.ArrayList;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;

/** Converts the benchmark networks to dense ONNX models, for comparison with ONNX Runtime. */
final class DenseOnnx {

  private static final int IR_VERSION = 8;
  private static final int OPSET = 13;
  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
  private static final int INT64 = TensorProto.DataType.INT64_VALUE;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
  private int fresh;

  private DenseOnnx() {}

  static byte[] of(InferencePlan plan) {
    DenseOnnx onnx = new DenseOnnx();
    InferencePlan.Input input = plan.inputs().get(0);
    List<String> names = new ArrayList<>(List.of("x"));
    boolean sequence = input.form() == InferencePlan.Form.SEQUENCE;
    boolean planes = input.form() == InferencePlan.Form.PLANES;
    List<Integer> sizes = input.sizes();
    onnx.graph.addInput(
        sequence
            ? info("x", 1, 1, sizes.get(0))
            : planes
                ? info("x", 1, sizes.get(0), sizes.get(2), sizes.get(3))
                : info("x", 1, sizes.get(0)));
    for (InferencePlan.Step step : plan.steps()) {
      List<String> in = step.inputs().stream().map(names::get).toList();
      names.add(onnx.add(step.operation(), in));
    }
    String out = names.get(plan.outputs().get(0).value());
    onnx.graph.addNode(NodeProto.newBuilder().setOpType("Identity").addInput(out).addOutput("y"));
    onnx.graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName("y")
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT))));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(onnx.graph)
        .build()
        .toByteArray();
  }

  private static ValueInfoProto info(String name, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (long size : shape) {
      dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(dimensions)))
        .build();
  }

  private String add(Operation operation, List<String> in) {
    if (operation instanceof Operation.Linear linear) {
      return linear(linear, in);
    } else if (operation instanceof Operation.Convolution convolution) {
      return convolution(convolution, in);
    } else if (operation instanceof Operation.Pooling pooling) {
      String type = pooling.pool() == Operation.Pool.MAX ? "MaxPool" : "AveragePool";
      return node(type, in, window(pooling.window()).toArray(AttributeProto[]::new));
    } else if (operation instanceof Operation.GlobalPooling) {
      return node("Flatten", List.of(node("GlobalAveragePool", in)));
    } else if (operation instanceof Operation.Unflatten unflatten) {
      List<Integer> s = unflatten.sizes();
      return node("Reshape", List.of(in.get(0), longs(1, s.get(0), s.get(2), s.get(3))));
    } else if (operation instanceof Operation.Flatten) {
      return node("Flatten", in);
    } else if (operation instanceof Operation.Combine combine) {
      return activated(node("Add", in), combine.activation());
    } else if (operation instanceof Operation.Activate activate) {
      return activated(in.get(0), activate.activation());
    } else if (operation instanceof Operation.PerChannel scale) {
      return perChannel(scale, in);
    } else if (operation instanceof Operation.Softmax) {
      return node("Softmax", in, integer("axis", -1));
    } else if (operation instanceof Operation.Lstm lstm) {
      return lstm(lstm, in);
    }
    throw new IllegalArgumentException("no ONNX for " + operation);
  }

  private String linear(Operation.Linear linear, List<String> in) {
    Matrix w = linear.weights();
    String weights = tensor(w.values(), w.rows(), w.columns());
    String bias = tensor(bias(linear.bias(), w.rows()), w.rows());
    String row = node("Reshape", List.of(in.get(0), longs(1, w.columns())));
    String out = node("Gemm", List.of(row, weights, bias), integer("transB", 1));
    return activated(out, linear.activation());
  }

  private static float[] bias(Matrix bias, int rows) {
    return bias.isPresent() ? bias.values() : new float[rows];
  }

  private String convolution(Operation.Convolution convolution, List<String> in) {
    Matrix w = convolution.weights();
    int places = convolution.window().places();
    List<Integer> size = convolution.window().size();
    String weights = tensor(w.values(), w.rows(), w.columns() / places, size.get(1), size.get(2));
    String bias = tensor(bias(convolution.bias(), w.rows()), w.rows());
    String out =
        node(
            "Conv",
            List.of(in.get(0), weights, bias),
            window(convolution.window()).toArray(AttributeProto[]::new));
    return activated(out, convolution.activation());
  }

  private static List<AttributeProto> window(Window window) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(integers("kernel_shape", window.size().subList(1, 3)));
    attributes.add(integers("strides", window.stride().subList(1, 3)));
    if (window.mode() == Window.Mode.SAME) {
      attributes.add(
          AttributeProto.newBuilder()
              .setName("auto_pad")
              .setType(AttributeProto.AttributeType.STRING)
              .setS(org.nd4j.shade.protobuf.ByteString.copyFromUtf8("SAME_UPPER"))
              .build());
    } else {
      List<Integer> pads = new ArrayList<>(window.before().subList(1, 3));
      pads.addAll(window.behind().subList(1, 3));
      attributes.add(integers("pads", pads));
    }
    return attributes;
  }

  private String perChannel(Operation.PerChannel scale, List<String> in) {
    int channels = scale.scales().columns();
    String factors = tensor(scale.scales().values(), 1, channels, 1, 1);
    String terms = tensor(scale.shifts().values(), 1, channels, 1, 1);
    String scaled = node("Mul", List.of(in.get(0), factors));
    return activated(node("Add", List.of(scaled, terms)), scale.activation());
  }

  /**
   * DL4J's gate order is candidate, forget, output, input; ONNX's is input, output, forget,
   * candidate.
   */
  private String lstm(Operation.Lstm lstm, List<String> in) {
    int units = lstm.recurrent().columns();
    String w = tensor(gates(lstm.input(), units), 1, 4L * units, lstm.input().columns());
    String r = tensor(gates(lstm.recurrent(), units), 1, 4L * units, units);
    float[] b = new float[8 * units];
    System.arraycopy(
        gates(new Matrix(4 * units, 1, lstm.bias().values()), units), 0, b, 0, 4 * units);
    String out =
        node(
            "LSTM",
            List.of(in.get(0), w, r, tensor(b, 1, 8L * units)),
            integer("hidden_size", units));
    return node("Reshape", List.of(out, longs(1, 1, units)));
  }

  private static float[] gates(Matrix weights, int units) {
    int[] order = {3, 2, 1, 0};
    int block = units * weights.columns();
    float[] values = new float[4 * block];
    for (int gate = 0; gate < 4; gate++) {
      System.arraycopy(weights.values(), order[gate] * block, values, gate * block, block);
    }
    return values;
  }

  private String activated(String in, Activation activation) {
    return switch (activation.kind()) {
      case IDENTITY -> in;
      case RELU -> node("Relu", List.of(in));
      case TANH -> node("Tanh", List.of(in));
      default -> throw new IllegalArgumentException("no ONNX for " + activation);
    };
  }

  private String node(String type, List<String> in, AttributeProto... attributes) {
    String out = "v" + fresh++;
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .addAllInput(in)
            .addOutput(out)
            .addAllAttribute(List.of(attributes)));
    return out;
  }

  private String tensor(float[] values, long... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName("t" + fresh++).setDataType(FLOAT);
    for (long size : shape) {
      tensor.addDims(size);
    }
    for (float value : values) {
      tensor.addFloatData(value);
    }
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private String longs(long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName("t" + fresh++).setDataType(INT64).addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto integers(String name, List<Integer> values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    values.forEach(value -> attribute.addInts(value));
    return attribute.build();
  }
}
