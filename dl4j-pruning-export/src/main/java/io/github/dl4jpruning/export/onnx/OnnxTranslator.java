package io.github.dl4jpruning.export.onnx;

import static io.github.dl4jpruning.export.onnx.OnnxGraph.integer;
import static io.github.dl4jpruning.export.onnx.OnnxGraph.integers;

import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns operations of a plan into nodes. A vector is examples × channels here, and a sequence
 * examples × steps × channels. Planes have channels first; the steps of a sequence of planes are
 * stacked along the axis of examples.
 */
final class OnnxTranslator {

  private final OnnxGraph graph;
  private final OnnxSpatial spatial;
  private final OnnxRecurrent recurrent;
  private final OnnxActivations activations;
  private final String firstInput;

  OnnxTranslator(OnnxGraph graph, OnnxSpatial spatial, String firstInput) {
    this.graph = graph;
    this.spatial = spatial;
    this.recurrent = new OnnxRecurrent(graph);
    this.activations = new OnnxActivations(graph);
    this.firstInput = firstInput;
  }

  /** Adds an operation, and returns the name of its result. */
  String add(Operation operation, List<String> in, List<ValueShape> shapes) {
    String x = in.get(0);
    ValueShape shape = shapes.get(0);
    if (operation instanceof Operation.Linear linear) {
      return activations.add(linear.activation(), linear(linear, x, shape));
    } else if (operation instanceof Operation.Convolution convolution) {
      return activations.add(convolution.activation(), spatial.convolution(convolution, x, shape));
    } else if (operation instanceof Operation.Embedding embedding) {
      return activations.add(embedding.activation(), embedding(embedding, x));
    } else if (operation instanceof Operation.Lstm lstm) {
      return recurrent.lstm(lstm, asSteps(x, shape));
    } else if (operation instanceof Operation.SimpleRecurrent simple) {
      return recurrent.simple(simple, asSteps(x, shape));
    } else if (operation instanceof Operation.Combine combine) {
      return activations.add(combine.activation(), combined(combine.how(), in, shapes));
    } else if (operation instanceof Operation.Concatenate) {
      long axis = shape.planes() ? 1 : -1;
      return graph.node("Concat", same(in, shapes), integer("axis", axis));
    } else if (operation instanceof Operation.RepeatSteps repeat) {
      return repeated(repeat, in);
    }
    return ofOne(operation, x, shape);
  }

  private String ofOne(Operation operation, String x, ValueShape shape) {
    if (operation instanceof Operation.Activate activate) {
      return activations.add(activate.activation(), x);
    } else if (operation instanceof Operation.PerChannel scale) {
      String scaled = graph.node("Mul", List.of(x, perChannel(scale.scales(), shape)));
      String shifted = graph.node("Add", List.of(scaled, perChannel(scale.shifts(), shape)));
      return activations.add(scale.activation(), shifted);
    } else if (operation instanceof Operation.Slopes slopes) {
      return graph.node("PRelu", List.of(x, perChannel(slopes.slopes(), shape)));
    } else if (operation instanceof Operation.Pooling pooling) {
      return spatial.pooling(pooling, x, shape);
    } else if (operation instanceof Operation.GlobalPooling pooling) {
      return pooled(pooling, x, shape);
    } else if (operation instanceof Operation.Channels some) {
      long axis = shape.planes() ? 1 : -1;
      return slice(x, some.first(), some.end(), axis, 1);
    } else if (operation instanceof Operation.Softmax softmax) {
      return softmax(softmax.along(), x, shape);
    } else if (operation instanceof Operation.LayerNormalisation norm) {
      return activations.add(norm.activation(), layerNormalised(norm, x));
    } else if (operation instanceof Operation.ResponseNormalisation norm) {
      return spatial.responseNormalised(norm, x);
    } else if (operation instanceof Operation.UnitNorm unit) {
      return unitNorm(unit, x, shape);
    }
    return arranged(operation, x, shape);
  }

  private String arranged(Operation operation, String x, ValueShape shape) {
    if (operation instanceof Operation.Border border) {
      return spatial.border(border, x);
    } else if (operation instanceof Operation.Upsample upsample) {
      return spatial.upsample(upsample, x);
    } else if (operation instanceof Operation.Spread spread) {
      return spatial.spread(spread, x, shape);
    } else if (operation instanceof Operation.LastStep && !shape.planes()) {
      return shape.sequence()
          ? graph.node("Squeeze", List.of(slice(x, -1, Long.MAX_VALUE, 1, 1), graph.longs(1)))
          : x;
    } else if (operation instanceof Operation.ReverseSteps && !shape.planes()) {
      return shape.sequence() ? slice(x, -1, Long.MIN_VALUE, 1, -1) : x;
    } else if (operation instanceof Operation.Flatten flatten) {
      return flattened(flatten.channelsLast(), x, shape);
    } else if (operation instanceof Operation.Unflatten unflatten) {
      return unflattened(unflatten, x);
    } else if (operation instanceof Operation.StepsToWidth) {
      return asWidth(asSteps(x, shape));
    } else if (operation instanceof Operation.WidthToSteps && !shape.sequence()) {
      String rows = graph.node("Reshape", List.of(x, graph.longs(0, shape.channels(), -1)));
      return graph.node("Transpose", rows, integers("perm", 0, 2, 1));
    }
    throw graph.unsupported(operation.getClass().getSimpleName());
  }

  private String linear(Operation.Linear linear, String x, ValueShape shape) {
    Matrix weights = linear.weights();
    String matrix =
        graph.weights(weights.values(), weights.rows(), weights.rows(), weights.columns());
    if (!shape.sequence()) {
      List<String> read = new ArrayList<>(List.of(x, matrix));
      if (linear.bias().isPresent()) {
        read.add(graph.floats(linear.bias().values(), weights.rows()));
      }
      return graph.node("Gemm", read, integer("transB", 1));
    }
    String turned = graph.node("Transpose", matrix, integers("perm", 1, 0));
    String product = graph.node("MatMul", List.of(x, turned));
    return linear.bias().isPresent()
        ? graph.node("Add", List.of(product, graph.floats(linear.bias().values(), weights.rows())))
        : product;
  }

  /** A vector as a sequence of one step. */
  private String asSteps(String x, ValueShape shape) {
    return shape.sequence() ? x : graph.node("Unsqueeze", List.of(x, graph.longs(1)));
  }

  /** Values that are combined are all vectors, all sequences, or all planes. */
  private List<String> same(List<String> in, List<ValueShape> shapes) {
    boolean steps = shapes.stream().anyMatch(shape -> shape.sequence() && !shape.planes());
    List<String> all = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      all.add(steps ? asSteps(in.get(i), shapes.get(i)) : in.get(i));
    }
    return all;
  }

  private String combined(Operation.Combination how, List<String> given, List<ValueShape> shapes) {
    List<String> in = same(given, shapes);
    if (how == Operation.Combination.MAX) {
      return graph.node("Max", in);
    } else if (how == Operation.Combination.AVERAGE) {
      return graph.node("Mean", in);
    }
    String type =
        switch (how) {
          case SUBTRACT -> "Sub";
          case PRODUCT -> "Mul";
          default -> "Add";
        };
    String result = in.get(0);
    for (String other : in.subList(1, in.size())) {
      result = graph.node(type, List.of(result, other));
    }
    return result;
  }

  /** One number, a number for each channel, or a number for each element of planes. */
  private String perChannel(Matrix numbers, ValueShape shape) {
    float[] values = numbers.values();
    if (values.length == 1) {
      return graph.floats(values, 1);
    } else if (!shape.planes()) {
      return graph.floats(values, values.length);
    } else if (values.length == shape.channels()) {
      long[] sizes = spatial.sizes(0, values.length, 1, 1, 1);
      return graph.floats(values, java.util.Arrays.copyOfRange(sizes, 1, sizes.length));
    }
    long[] sizes = spatial.sizes(0, shape.channels(), shape.depth(), shape.height(), shape.width());
    return graph.floats(values, java.util.Arrays.copyOfRange(sizes, 1, sizes.length));
  }

  private void requireKnown(ValueShape shape, String what) {
    if (shape.width() == ValueShape.ANY) {
      throw graph.unsupported(what + ", whose number depends on the length of a sequence");
    }
  }

  private String pooled(Operation.GlobalPooling pooling, String x, ValueShape shape) {
    if (pooling.overSteps()) {
      return spatial.reduced(pooling, asSteps(x, shape), 1);
    }
    String each = spatial.reduced(pooling, x, spatial.positionAxes());
    return shape.sequence() ? inSteps(each, shape.channels()) : each;
  }

  /** Vectors of all steps of all examples as sequences. */
  private String inSteps(String x, int channels) {
    String examples = slice(graph.node("Shape", firstInput), 0, 1, 0, 1);
    String sizes =
        graph.node("Concat", List.of(examples, graph.longs(-1, channels)), integer("axis", 0));
    return graph.node("Reshape", List.of(x, sizes));
  }

  private String slice(String x, long first, long end, long axis, long step) {
    return graph.node(
        "Slice",
        List.of(x, graph.longs(first), graph.longs(end), graph.longs(axis), graph.longs(step)));
  }

  private String softmax(Operation.Axis along, String x, ValueShape shape) {
    if (along != Operation.Axis.STEPS) {
      boolean first = along == Operation.Axis.CHANNELS && shape.planes();
      return graph.node("Softmax", x, integer("axis", first ? 1 : -1));
    }
    String result = graph.node("Softmax", asSteps(x, shape), integer("axis", 1));
    return shape.sequence() ? result : graph.node("Squeeze", List.of(result, graph.longs(1)));
  }

  /** gain·(x − mean) / deviation + bias. */
  private String layerNormalised(Operation.LayerNormalisation norm, String x) {
    String mean = graph.node("ReduceMean", x, integers("axes", -1));
    String centred = graph.node("Sub", List.of(x, mean));
    String squares = graph.node("Mul", List.of(centred, centred));
    String variance = graph.node("ReduceMean", squares, integers("axes", -1));
    String deviation =
        graph.node("Max", List.of(graph.node("Sqrt", variance), graph.number(Float.MIN_NORMAL)));
    String one = graph.node("Div", List.of(centred, deviation));
    String scaled =
        graph.node(
            "Mul", List.of(one, graph.floats(norm.gains().values(), norm.gains().columns())));
    return norm.bias().isPresent()
        ? graph.node(
            "Add", List.of(scaled, graph.floats(norm.bias().values(), norm.bias().columns())))
        : scaled;
  }

  private String unitNorm(Operation.UnitNorm unit, String given, ValueShape shape) {
    String x = unit.overSteps() ? asSteps(given, shape) : given;
    long[] axes =
        shape.planes()
            ? java.util.stream.LongStream.range(1, spatial.rank()).toArray()
            : unit.overSteps() ? new long[] {1, 2} : new long[] {-1};
    String norm = graph.node("ReduceL2", x, integers("axes", axes));
    String least = graph.node("Max", List.of(norm, graph.number(unit.epsilon())));
    String result = graph.node("Div", List.of(x, least));
    return unit.overSteps() && !shape.sequence()
        ? graph.node("Squeeze", List.of(result, graph.longs(1)))
        : result;
  }

  private String embedding(Operation.Embedding embedding, String x) {
    Matrix words = embedding.words();
    String table = graph.weights(words.values(), words.rows(), words.rows(), words.columns());
    String word = graph.node("Cast", x, integer("to", onnx.Onnx.TensorProto.DataType.INT64_VALUE));
    String one = graph.node("Squeeze", List.of(word, graph.longs(-1)));
    String found = graph.node("Gather", List.of(table, one));
    return embedding.bias().isPresent()
        ? graph.node(
            "Add", List.of(found, graph.floats(embedding.bias().values(), words.columns())))
        : found;
  }

  private String repeated(Operation.RepeatSteps repeat, List<String> in) {
    String one = graph.node("Unsqueeze", List.of(in.get(0), graph.longs(1)));
    if (repeat.times() > 0) {
      return graph.node("Tile", List.of(one, graph.longs(1, repeat.times(), 1)));
    }
    String steps = slice(graph.node("Shape", in.get(1)), 1, 2, 0, 1);
    String times =
        graph.node("Concat", List.of(graph.longs(1), steps, graph.longs(1)), integer("axis", 0));
    return graph.node("Tile", List.of(one, times));
  }

  private String flattened(boolean channelsLast, String x, ValueShape shape) {
    requireKnown(shape, "planes made into a vector");
    String ordered = x;
    if (channelsLast) {
      long[] last = new long[spatial.rank()];
      for (int axis = 1; axis < last.length - 1; axis++) {
        last[axis] = axis + 1L;
      }
      last[last.length - 1] = 1;
      ordered = graph.node("Transpose", x, integers("perm", last));
    }
    int length = shape.channels() * shape.depth() * shape.height() * shape.width();
    return shape.sequence()
        ? inSteps(ordered, length)
        : graph.node("Reshape", List.of(ordered, graph.longs(-1, length)));
  }

  private String unflattened(Operation.Unflatten unflatten, String x) {
    List<Integer> s = unflatten.sizes();
    if (!unflatten.channelsLast()) {
      long[] sizes = spatial.sizes(-1, s.get(0), s.get(1), s.get(2), s.get(3));
      return graph.node("Reshape", List.of(x, graph.longs(sizes)));
    }
    int rank = spatial.rank();
    long[] first = spatial.sizes(-1, s.get(0), s.get(1), s.get(2), s.get(3));
    long[] last = new long[rank];
    long[] back = new long[rank];
    last[0] = -1;
    back[1] = rank - 1L;
    for (int axis = 1; axis < rank - 1; axis++) {
      last[axis] = first[axis + 1];
      back[axis + 1] = axis;
    }
    last[rank - 1] = first[1];
    String planes = graph.node("Reshape", List.of(x, graph.longs(last)));
    return graph.node("Transpose", planes, integers("perm", back));
  }

  private String asWidth(String x) {
    String rows = graph.node("Transpose", x, integers("perm", 0, 2, 1));
    long[] axes = spatial.rank() == 4 ? new long[] {2} : new long[] {2, 3};
    return graph.node("Unsqueeze", List.of(rows, graph.longs(axes)));
  }
}
