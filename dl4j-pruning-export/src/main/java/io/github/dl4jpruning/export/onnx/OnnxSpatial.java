package io.github.dl4jpruning.export.onnx;

import static io.github.dl4jpruning.export.onnx.OnnxGraph.integer;
import static io.github.dl4jpruning.export.onnx.OnnxGraph.integers;
import static io.github.dl4jpruning.export.onnx.OnnxGraph.text;

import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import io.github.dl4jpruning.export.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;

/**
 * Operations on planes, which are examples × channels × height × width here, with the depth before
 * the height if any value of the plan has one.
 */
final class OnnxSpatial {

  private final OnnxGraph graph;

  /** The first axis that arrays have: 0 for the depth, 1 for the height. */
  private final int firstAxis;

  OnnxSpatial(OnnxGraph graph, boolean volumes) {
    this.graph = graph;
    this.firstAxis = volumes ? 0 : 1;
  }

  /** The axes of positions: 0 for the depth, 1 for the height, 2 for the width. */
  private IntStream axes() {
    return IntStream.range(firstAxis, 3);
  }

  int rank() {
    return 5 - firstAxis;
  }

  /** Sizes of an array of planes, of which the first two are given. */
  long[] sizes(long examples, long channels, long depth, long height, long width) {
    return firstAxis == 0
        ? new long[] {examples, channels, depth, height, width}
        : new long[] {examples, channels, height, width};
  }

  String convolution(Operation.Convolution convolution, String x, ValueShape in) {
    Window window = convolution.window();
    Matrix weights = convolution.weights();
    int places = window.places();
    boolean depthwise = isDepthwise(weights, places, in.channels());
    float[] values = depthwise ? own(weights, places, in.channels()) : weights.values();
    List<String> read = new ArrayList<>(List.of(x));
    read.add(
        graph.weights(
            values,
            weights.rows(),
            sizes(
                weights.rows(),
                depthwise ? 1 : in.channels(),
                window.size().get(0),
                window.size().get(1),
                window.size().get(2))));
    if (convolution.bias().isPresent()) {
      read.add(graph.floats(convolution.bias().values(), weights.rows()));
    }
    List<AttributeProto> attributes = window(window, in, true);
    attributes.add(integer("group", depthwise ? in.channels() : 1));
    return graph.node("Conv", read, attributes.toArray(AttributeProto[]::new));
  }

  /** Whether each output reads one input alone, in the order of inputs. */
  private static boolean isDepthwise(Matrix weights, int places, int channels) {
    if (channels < 2 || weights.rows() % channels != 0) {
      return false;
    }
    int each = weights.rows() / channels;
    for (int row = 0; row < weights.rows(); row++) {
      for (int column = 0; column < weights.columns(); column++) {
        if (column / places != row / each && weights.at(row, column) != 0f) {
          return false;
        }
      }
    }
    return true;
  }

  private static float[] own(Matrix weights, int places, int channels) {
    int each = weights.rows() / channels;
    float[] values = new float[weights.rows() * places];
    for (int row = 0; row < weights.rows(); row++) {
      for (int place = 0; place < places; place++) {
        values[row * places + place] = weights.at(row, row / each * places + place);
      }
    }
    return values;
  }

  private List<AttributeProto> window(Window window, ValueShape in, boolean dilates) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(integers("kernel_shape", longs(window.size())));
    attributes.add(integers("strides", longs(window.stride())));
    if (dilates) {
      attributes.add(integers("dilations", longs(window.dilation())));
    } else if (axes().anyMatch(a -> window.dilation().get(a) > 1)) {
      throw graph.unsupported("average or p-norm pooling with a dilation");
    }
    boolean known =
        axes().allMatch(a -> in.size(a) != ValueShape.ANY || window.stride().get(a) == 1);
    if (!known && window.mode() == Window.Mode.SAME) {
      if (axes().anyMatch(a -> window.dilation().get(a) > 1)) {
        throw graph.unsupported("same mode with strides and a dilation over a sequence");
      }
      attributes.add(text("auto_pad", "SAME_UPPER"));
      return attributes;
    }
    attributes.add(
        integers(
            "pads",
            IntStream.concat(
                    axes().map(a -> window.zerosBefore(a, length(in, a, window))),
                    axes().map(a -> window.zerosBehind(a, length(in, a, window))))
                .asLongStream()
                .toArray()));
    return attributes;
  }

  /** With a stride of 1 every length has the same zeros. */
  private static int length(ValueShape in, int axis, Window window) {
    return in.size(axis) == ValueShape.ANY ? window.size().get(axis) : in.size(axis);
  }

  private long[] longs(List<Integer> numbers) {
    return axes().mapToLong(numbers::get).toArray();
  }

  String pooling(Operation.Pooling pooling, String x, ValueShape in) {
    boolean max = pooling.pool() == Operation.Pool.MAX;
    if (max && isPaddedByAKernel(pooling.window(), in)) {
      return paddedMaximum(pooling.window(), x, in);
    }
    List<AttributeProto> attributes = window(pooling.window(), in, max);
    String type = max ? "MaxPool" : "AveragePool";
    if (pooling.pool() == Operation.Pool.NORM) {
      type = "LpPool";
      attributes.add(integer("p", Math.round(pooling.p())));
    } else if (!max) {
      boolean zeros = pooling.pool() != Operation.Pool.AVERAGE;
      attributes.add(integer("count_include_pad", zeros ? 1 : 0));
    }
    String pooled = graph.node(type, x, attributes.toArray(AttributeProto[]::new));
    return pooling.pool() == Operation.Pool.SUM
        ? graph.node("Mul", List.of(pooled, graph.number(pooling.window().places())))
        : pooled;
  }

  /** ONNX Runtime wants padding below the size of the kernel; with a dilation there can be more. */
  private boolean isPaddedByAKernel(Window window, ValueShape in) {
    return axes()
        .anyMatch(
            a ->
                Math.max(
                        window.zerosBefore(a, length(in, a, window)),
                        window.zerosBehind(a, length(in, a, window)))
                    >= window.size().get(a));
  }

  /** The maximum with a padding of its own, which is never the largest. */
  private String paddedMaximum(Window window, String x, ValueShape in) {
    if (axes().anyMatch(a -> in.size(a) == ValueShape.ANY && window.stride().get(a) > 1)) {
      throw graph.unsupported("max pooling with strides and a dilation over a sequence");
    }
    long[] pads = new long[2 * rank()];
    axes()
        .forEach(
            a -> {
              pads[2 + a - firstAxis] = window.zerosBefore(a, length(in, a, window));
              pads[rank() + 2 + a - firstAxis] = window.zerosBehind(a, length(in, a, window));
            });
    String padded =
        graph.node("Pad", List.of(x, graph.longs(pads), graph.number(Double.NEGATIVE_INFINITY)));
    return graph.node(
        "MaxPool",
        padded,
        integers("kernel_shape", longs(window.size())),
        integers("strides", longs(window.stride())),
        integers("dilations", longs(window.dilation())));
  }

  /** The largest, the mean, the sum or the p-norm along some axes. */
  String reduced(Operation.GlobalPooling pooling, String x, long... axes) {
    AttributeProto drop = integer("keepdims", 0);
    return switch (pooling.pool()) {
      case MAX -> graph.node("ReduceMax", x, integers("axes", axes), drop);
      case AVERAGE, AVERAGE_WITH_ZEROS -> graph.node("ReduceMean", x, integers("axes", axes), drop);
      case SUM -> graph.node("ReduceSum", List.of(x, graph.longs(axes)), drop);
      case NORM -> {
        String powers = graph.node("Pow", List.of(graph.node("Abs", x), graph.number(pooling.p())));
        String sum = graph.node("ReduceSum", List.of(powers, graph.longs(axes)), drop);
        yield graph.node("Pow", List.of(sum, graph.number(1.0 / pooling.p())));
      }
    };
  }

  /** All axes of positions of an array of planes. */
  long[] positionAxes() {
    return IntStream.range(2, rank()).asLongStream().toArray();
  }

  String border(Operation.Border border, String x) {
    long[] pads = new long[2 * rank()];
    axes()
        .forEach(
            a -> {
              pads[2 + a - firstAxis] = border.sizes().get(2 * a);
              pads[rank() + 2 + a - firstAxis] = border.sizes().get(2 * a + 1);
            });
    return graph.node("Pad", List.of(x, graph.longs(pads)));
  }

  String upsample(Operation.Upsample upsample, String x) {
    float[] scales = new float[rank()];
    Arrays.fill(scales, 1f);
    axes().forEach(a -> scales[2 + a - firstAxis] = upsample.times().get(a));
    return graph.node(
        "Resize",
        List.of(x, "", graph.floats(scales, rank())),
        text("mode", "nearest"),
        text("nearest_mode", "floor"),
        text("coordinate_transformation_mode", "asymmetric"));
  }

  /** Zeros between positions: what a transposed convolution with a kernel of one place gives. */
  String spread(Operation.Spread spread, String x, ValueShape in) {
    float[] ones = new float[in.channels()];
    Arrays.fill(ones, 1f);
    return graph.node(
        "ConvTranspose",
        List.of(x, graph.floats(ones, sizes(in.channels(), 1, 1, 1, 1))),
        integers("strides", longs(spread.distances())),
        integer("group", in.channels()));
  }

  /** x / (k + α·Σ x²)^β, the sum over n/2 channels to each side. */
  String responseNormalised(Operation.ResponseNormalisation norm, String x) {
    long size = 2 * ((long) norm.n() / 2) + 1;
    return graph.node(
        "LRN",
        x,
        integer("size", size),
        OnnxGraph.decimal("alpha", (double) norm.alpha() * size),
        OnnxGraph.decimal("beta", norm.beta()),
        OnnxGraph.decimal("bias", norm.k()));
  }
}
