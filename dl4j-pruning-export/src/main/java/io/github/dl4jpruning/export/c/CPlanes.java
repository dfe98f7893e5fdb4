package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import io.github.dl4jpruning.export.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Turns operations on planes into statements. */
final class CPlanes {

  private final CBody body;
  private final CFunctions functions;
  private final CTables tables;
  private final CMatrices matrices;
  private final CActivations activations;

  /** Numbers of what a convolution does with a plane. */
  private final Map<String, Integer> forms = new HashMap<>();

  /** Whether a number of a window needs more than 16 bits. */
  private final boolean wide;

  CPlanes(
      CBody body,
      CFunctions functions,
      CTables tables,
      CMatrices matrices,
      CActivations activations,
      InferencePlan plan,
      List<ValueShape> all) {
    this.body = body;
    this.functions = functions;
    this.tables = tables;
    this.matrices = matrices;
    this.activations = activations;
    this.wide =
        plan.steps().stream().anyMatch(step -> isWide(step.operation()))
            || all.stream()
                .anyMatch(
                    shape ->
                        IntStream.range(0, 3)
                            .anyMatch(axis -> shape.size(axis) >= Short.MAX_VALUE));
  }

  private static boolean isWide(Operation operation) {
    if (operation instanceof Operation.Convolution convolution) {
      return isWide(convolution.window());
    }
    return operation instanceof Operation.Pooling pooling && isWide(pooling.window());
  }

  private static boolean isWide(Window window) {
    return IntStream.range(0, 3)
        .anyMatch(
            axis ->
                (long) window.size().get(axis) * window.dilation().get(axis) >= Short.MAX_VALUE
                    || window.stride().get(axis) >= Short.MAX_VALUE
                    || window.before().get(axis) >= Short.MAX_VALUE);
  }

  Operand convolution(String layer, Operation.Convolution convolution, Operand x, Operand y) {
    declareWindows();
    CMatrices.Call call =
        matrices.call(
            "convolve",
            layer,
            "weights",
            convolution.weights(),
            "",
            Map.of("OUTPUT", "float *y", "PLANE", "y", "DONE", "y += size;"));
    body.addForEach(
        x.items(),
        "%s(%s, %s, &%s, %s, %s);",
        call.function(),
        call.arguments(),
        tables.floats(layer, "bias", convolution.bias().values()),
        window(layer, convolution.window(), x.shape(), y.shape()),
        x.each(),
        y.each());
    activations.add(convolution.activation(), y.place(), y.size());
    return y;
  }

  /**
   * A convolution whose planes are pooled one after the other, so that memory holds only one.
   *
   * @param between a plane before it is pooled
   */
  Operand pooledConvolution(
      String layer,
      Operation.Convolution convolution,
      Operation.Pooling pooling,
      ValueShape between,
      Operand x,
      Operand y) {
    declareWindows();
    String pool = pool("pool", pooling.pool());
    String power = power(pooling.pool(), pooling.p());
    String done =
        activations.statement(convolution.activation(), "plane", "size")
            + pool
            + "(p, 1"
            + power
            + ", plane, y);\n    y += (int32_t)p->out[0] * p->out[1] * p->out[2];";
    String form = "_" + pool + forms.computeIfAbsent(done, key -> forms.size() + 1);
    String output = "const struct window *p, float *plane, float *y";
    CMatrices.Call call =
        matrices.call(
            "convolve",
            layer,
            "weights",
            convolution.weights(),
            form,
            Map.of("OUTPUT", output, "PLANE", "plane", "DONE", done));
    body.addForEach(
        x.items(),
        "%s(%s, %s, &%s, %s, &%s, %s, %s);",
        call.function(),
        call.arguments(),
        tables.floats(layer, "bias", convolution.bias().values()),
        window(layer, convolution.window(), x.shape(), between),
        x.each(),
        window(layer + "_pool", pooling.window(), between, y.shape()),
        body.scratch(between.depth() * between.height() * between.width()),
        y.each());
    return y;
  }

  private void declareWindows() {
    functions.use("window", "window", Map.of("SIZE_T", wide ? "int32_t" : "int16_t"));
  }

  private String window(String layer, Window window, ValueShape in, ValueShape out) {
    List<List<Integer>> fields =
        List.of(
            axes(in),
            axes(out),
            window.size(),
            window.stride(),
            window.dilation(),
            IntStream.range(0, 3)
                .mapToObj(axis -> window.zerosBefore(axis, in.size(axis)))
                .toList());
    int width = wide ? Integer.BYTES : Short.BYTES;
    return tables.structure("struct window", width, layer, "window", fields);
  }

  private static List<Integer> axes(ValueShape shape) {
    return List.of(shape.depth(), shape.height(), shape.width());
  }

  Operand pooling(String layer, Operation.Pooling pooling, Operand x, Operand y) {
    declareWindows();
    String window = window(layer, pooling.window(), x.shape(), y.shape());
    String function = pool("pool", pooling.pool());
    body.addForEach(
        x.items(),
        "%s(&%s, %d%s, %s, %s);",
        function,
        window,
        x.channels(),
        power(pooling.pool(), pooling.p()),
        x.each(),
        y.each());
    return y;
  }

  /** Pooling over positions or over steps. */
  Operand pooled(Operation.GlobalPooling pooling, Operand x, Operand y) {
    String function = pool("global", pooling.pool());
    String power = power(pooling.pool(), pooling.p());
    int outputs = pooling.overSteps() ? x.channels() : x.items() * x.channels();
    int count = pooling.overSteps() ? x.items() : x.positions();
    body.add(
        "%s(%d, %d, %d, %d%s, %s, %s);",
        function,
        outputs,
        pooling.overSteps() ? 1 : count,
        count,
        pooling.overSteps() ? x.channels() : 1,
        power,
        x.place(),
        y.place());
    return y;
  }

  private static String power(Operation.Pool pool, float p) {
    return pool == Operation.Pool.NORM ? ", " + CTables.number(p) : "";
  }

  private String pool(String section, Operation.Pool pool) {
    String kind = pool.name().toLowerCase(Locale.ROOT);
    String add =
        switch (pool) {
          case MAX -> "sum = v > sum || v != v ? v : sum;"; // keeps NaN
          case NORM -> "sum += powf(fabsf(v), p);";
          case AVERAGE, AVERAGE_WITH_ZEROS, SUM -> "sum += v;";
        };
    String finish =
        switch (pool) {
          case AVERAGE, AVERAGE_WITH_ZEROS -> "sum = count == 0 ? 0.0f : sum / (float)count;";
          case NORM -> "sum = powf(sum, 1.0f / p);";
          case MAX, SUM -> "";
        };
    String places = "w->size[0] * w->size[1] * w->size[2]";
    String count =
        switch (pool) {
          case AVERAGE -> "z.count * row.count * at.count";
          case AVERAGE_WITH_ZEROS -> places;
          case MAX, SUM, NORM -> "";
        };
    String name = section + "_" + kind;
    functions.use(
        section,
        name,
        Map.of(
            "KIND",
            kind,
            "START",
            pool == Operation.Pool.MAX ? "-INFINITY" : "0.0f",
            "ADD",
            add,
            "PARAMETER",
            pool == Operation.Pool.NORM ? ", float p" : ""));
    functions.replaceLine(name, "FINISH", finish);
    functions.replaceLine(
        name,
        "const int32_t count = COUNT;",
        count.isEmpty() ? "" : "const int32_t count = " + count + ";");
    return name;
  }

  /** Borders, repetition, and zeros between positions. */
  Operand resampled(String layer, Operation operation, Operand x, Operand y) {
    int[] before = {0, 0, 0};
    int[] times = {1, 1, 1};
    int[] distances = {1, 1, 1};
    if (operation instanceof Operation.Border border) {
      Arrays.setAll(before, axis -> border.sizes().get(2 * axis));
    } else if (operation instanceof Operation.Upsample upsample) {
      Arrays.setAll(times, axis -> upsample.times().get(axis));
    } else if (operation instanceof Operation.Spread spread) {
      Arrays.setAll(distances, axis -> spread.distances().get(axis));
    }
    String in = numbers(layer, "in", axes(x.shape()).stream().mapToInt(i -> i).toArray());
    String out = numbers(layer, "out", axes(y.shape()).stream().mapToInt(i -> i).toArray());
    body.addForEach(
        x.items(),
        "%s(%d, %s, %s, %s, %s, %s, %s, %s);",
        functions.use("resample"),
        x.channels(),
        in,
        out,
        numbers(layer, "before", before),
        numbers(layer, "times", times),
        numbers(layer, "distances", distances),
        x.each(),
        y.each());
    return y;
  }

  private String numbers(String layer, String what, int... values) {
    return tables.integers("int32_t", Integer.BYTES, layer, what, values);
  }
}
