package io.github.dl4jpruning.export.onnx;

import io.github.dl4jpruning.codec.HalfPrecision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.SparseTensorProto;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.protobuf.ByteString;

/** Collects the nodes and the tensors of an ONNX graph. */
final class OnnxGraph {

  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
  private static final int HALF = TensorProto.DataType.FLOAT16_VALUE;
  private static final int INT64 = TensorProto.DataType.INT64_VALUE;

  /** Smaller tensors are written dense and in single precision: nothing would be saved. */
  private static final int SMALL = 16;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
  private final Set<String> names = new HashSet<>();

  /** The names of tensors, by array (compared by identity) and by shape. */
  private final IdentityHashMap<float[], Map<List<Long>, String>> tensors = new IdentityHashMap<>();

  private final boolean half;
  private final boolean sparse;

  /** The layer whose nodes are added; part of their names. */
  private String layer = "";

  OnnxGraph(boolean half, boolean sparse) {
    this.half = half;
    this.sparse = sparse;
  }

  GraphProto.Builder proto() {
    return graph;
  }

  void setLayer(String name) {
    layer = name;
  }

  String layer() {
    return layer;
  }

  /** Takes a name, so that no node gets it. */
  void reserve(String name) {
    names.add(name);
  }

  private String fresh(String suffix) {
    String base = layer + "/" + suffix;
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }

  /** Adds a node with one output, and returns the name of the output. */
  String node(String type, List<String> in, AttributeProto... attributes) {
    String out = fresh(type);
    named(type, in, out, attributes);
    return out;
  }

  String node(String type, String in, AttributeProto... attributes) {
    return node(type, List.of(in), attributes);
  }

  /** Adds a node whose output has a given name. */
  void named(String type, List<String> in, String out, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(out)
            .setOpType(type)
            .addAllInput(in)
            .addOutput(out)
            .addAllAttribute(List.of(attributes)));
  }

  /** A constant of one number, without axes. */
  String number(double value) {
    return floats(new float[] {(float) value});
  }

  /** A constant in single precision. */
  String floats(float[] values, long... shape) {
    return tensor(values, false, shape);
  }

  /**
   * Weights of several rows. With half precision they are widened before they are used; the runtime
   * file that was compared with DL4J has the same tensors in half precision.
   */
  String weights(float[] values, int rows, long... shape) {
    return tensor(values, half && rows > 1, shape);
  }

  private String tensor(float[] values, boolean narrow, long... shape) {
    return tensors
        .computeIfAbsent(values, key -> new HashMap<>())
        .computeIfAbsent(
            Arrays.stream(shape).boxed().toList(), key -> written(values, narrow, shape));
  }

  private String written(float[] values, boolean narrow, long... shape) {
    String stored = fresh(narrow ? "half" : "constant");
    if (sparse && isShorterSparse(values, narrow)) {
      graph.addSparseInitializer(sparse(stored, values, narrow, shape));
    } else {
      graph.addInitializer(dense(stored, values, narrow, shape));
    }
    return narrow ? node("Cast", stored, integer("to", FLOAT)) : stored;
  }

  private static TensorProto dense(String name, float[] values, boolean narrow, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(narrow ? HALF : FLOAT);
    Arrays.stream(shape).forEach(tensor::addDims);
    return tensor.setRawData(bytes(values, narrow)).build();
  }

  private static ByteString bytes(float[] values, boolean narrow) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * (narrow ? 2 : Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      if (narrow) {
        raw.putShort((short) HalfPrecision.toBits(value));
      } else {
        raw.putFloat(value);
      }
    }
    return ByteString.copyFrom(raw.flip());
  }

  /** An element that is listed takes its index of eight bytes as well. */
  private static boolean isShorterSparse(float[] values, boolean narrow) {
    long width = narrow ? 2 : Float.BYTES;
    return values.length >= SMALL
        && nonZeros(values) * (width + Long.BYTES) < values.length * width;
  }

  private static long nonZeros(float[] values) {
    long count = 0;
    for (float value : values) {
      count += value != 0f ? 1 : 0;
    }
    return count;
  }

  private static SparseTensorProto sparse(
      String name, float[] values, boolean narrow, long... shape) {
    int count = (int) nonZeros(values);
    float[] kept = new float[count];
    ByteBuffer indices = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0f) {
        kept[at++] = values[i];
        indices.putLong(i);
      }
    }
    SparseTensorProto.Builder tensor =
        SparseTensorProto.newBuilder()
            .setValues(dense(name, kept, narrow, count))
            .setIndices(
                TensorProto.newBuilder()
                    .setDataType(INT64)
                    .addDims(count)
                    .setRawData(ByteString.copyFrom(indices.flip())));
    Arrays.stream(shape).forEach(tensor::addDims);
    return tensor.build();
  }

  /** A constant list of whole numbers. */
  String longs(long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(fresh("numbers"))
            .setDataType(INT64)
            .addDims(values.length);
    Arrays.stream(values).forEach(tensor::addInt64Data);
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  static AttributeProto integer(String name, long value) {
    return attribute(name, AttributeProto.AttributeType.INT).setI(value).build();
  }

  static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  static AttributeProto decimal(String name, double value) {
    return attribute(name, AttributeProto.AttributeType.FLOAT).setF((float) value).build();
  }

  static AttributeProto decimals(String name, List<Float> values) {
    return attribute(name, AttributeProto.AttributeType.FLOATS).addAllFloats(values).build();
  }

  static AttributeProto text(String name, String value) {
    return attribute(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto texts(String name, String... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.STRINGS);
    Arrays.stream(values).map(ByteString::copyFromUtf8).forEach(attribute::addStrings);
    return attribute.build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  /** Something that has no form in ONNX. */
  IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(
        "layer "
            + layer
            + ": expected an operation that ONNX has, but found "
            + what
            + "; the runtime runs it (RuntimeExporter), see docs/deploy.md");
  }
}
