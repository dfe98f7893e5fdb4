package io.github.dl4jpruning.export;

import io.github.dl4jpruning.codec.Block;
import io.github.dl4jpruning.codec.ByteSink;
import io.github.dl4jpruning.codec.HalfPrecision;
import io.github.dl4jpruning.codec.Packed;
import io.github.dl4jpruning.codec.SectionWriter;
import io.github.dl4jpruning.export.InferencePlan.Form;
import io.github.dl4jpruning.runtime.codec.RuntimeFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a plan as a runtime file; docs/runtime-format.md describes it byte by byte. */
final class RuntimeWriter {

  /** A section of tensors ends with the tensor that makes it longer than this. */
  private static final int SECTION = 1 << 22;

  private final SectionWriter out;
  private final boolean half;

  /** The tensors with their numbers in the file. */
  private final Map<Matrix, Integer> tensors = new LinkedHashMap<>();

  private RuntimeWriter(SectionWriter out, boolean half) {
    this.out = out;
    this.half = half;
  }

  /**
   * Writes a plan.
   *
   * @param properties information for users: who created the file, how sparse the plan is
   * @param half whether weights have 16 bits
   */
  static void write(
      InferencePlan plan, Map<String, String> properties, boolean half, OutputStream out)
      throws IOException {
    SectionWriter sections = new SectionWriter(out, RuntimeFormat.MAGIC, RuntimeFormat.VERSION);
    RuntimeWriter writer = new RuntimeWriter(sections, half);
    sections.write(RuntimeFormat.HEAD, head(plan, properties));
    ByteSink operations = writer.operations(plan);
    writer.tensors();
    sections.write(RuntimeFormat.OPERATIONS, operations);
    sections.write(RuntimeFormat.END, new ByteSink());
  }

  private static ByteSink head(InferencePlan plan, Map<String, String> properties) {
    ByteSink sink = new ByteSink();
    sink.putCount(properties.size());
    properties.forEach(
        (name, value) -> {
          sink.putText(name);
          sink.putText(value);
        });
    sink.putCount(plan.inputs().size());
    for (InferencePlan.Input input : plan.inputs()) {
      sink.putText(input.name());
      port(sink, input.form(), input.channelsLast(), input.sizes());
    }
    return sink;
  }

  private static void port(ByteSink sink, Form form, boolean channelsLast, List<Integer> sizes) {
    sink.putByte(form.code());
    sink.putByte(channelsLast ? 1 : 0);
    List<Integer> own = form == Form.PLANES ? sizes : sizes.subList(0, 1);
    own.forEach(size -> sink.putCount(size));
  }

  private ByteSink operations(InferencePlan plan) {
    ByteSink sink = new ByteSink();
    sink.putCount(plan.steps().size());
    boolean[] zeros = ManyZeros.of(plan);
    for (InferencePlan.Step step : plan.steps()) {
      sink.putCount(step.inputs().size());
      step.inputs().forEach(value -> sink.putCount(value));
      new OperationWriter(sink, this::number, zeros[step.inputs().get(0)]).put(step.operation());
    }
    sink.putCount(plan.outputs().size());
    for (InferencePlan.Output output : plan.outputs()) {
      sink.putText(output.name());
      sink.putCount(output.value());
      sink.putByte(output.channelsLast() ? 1 : 0);
    }
    return sink;
  }

  /** Returns the number of a tensor in the file; 0 for none. */
  private int number(Matrix tensor) {
    return tensor.isPresent() ? tensors.computeIfAbsent(tensor, t -> tensors.size() + 1) : 0;
  }

  private void tensors() throws IOException {
    ByteSink sink = new ByteSink();
    try (Packed packed = new Packed()) {
      for (Matrix tensor : new ArrayList<>(tensors.keySet())) {
        put(tensor, packed, sink);
        if (sink.size() > SECTION) {
          out.write(RuntimeFormat.TENSORS, sink);
          sink = new ByteSink();
        }
      }
    }
    if (sink.size() > 0) {
      out.write(RuntimeFormat.TENSORS, sink);
    }
  }

  private void put(Matrix tensor, Packed packed, ByteSink sink) {
    boolean narrow = half && tensor.rows() > 1;
    int width = narrow ? RuntimeFormat.HALF : RuntimeFormat.FLOAT;
    sink.putCount(tensor.rows());
    sink.putCount(tensor.columns());
    sink.putByte(width);
    float[] values = tensor.values();
    long[] elements = new long[Math.min(RuntimeFormat.BLOCK, values.length)];
    for (int done = 0; done < values.length; done += RuntimeFormat.BLOCK) {
      int length = Math.min(RuntimeFormat.BLOCK, values.length - done);
      for (int i = 0; i < length; i++) {
        float value = values[done + i] == 0f ? 0f : values[done + i]; // −0 counts as zero
        elements[i] =
            narrow
                ? HalfPrecision.toBits(value)
                : Integer.toUnsignedLong(Float.floatToRawIntBits(value));
      }
      Block.put(elements, length, width, packed, sink);
    }
  }
}
