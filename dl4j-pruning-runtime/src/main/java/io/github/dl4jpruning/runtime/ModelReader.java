package io.github.dl4jpruning.runtime;

import io.github.dl4jpruning.runtime.codec.ByteSource;
import io.github.dl4jpruning.runtime.codec.RuntimeFormat;
import io.github.dl4jpruning.runtime.codec.Sections;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a runtime file; docs/runtime-format.md describes it byte by byte. */
final class ModelReader {

  private static final int MOST_TEXT = 1 << 16;
  private static final int MOST_PORTS = 1 << 10;
  private static final int MOST_OPERATIONS = 1 << 16;
  private static final int MOST_SIZE = 1 << 28;
  private static final int MOST_STEPS = 1 << 10;
  private static final int MUCH = 1 << 8;

  private final List<SparseMatrix> tensors = new ArrayList<>();
  private final TensorReader tensorReader = new TensorReader();
  private Map<String, String> properties = Collections.emptyMap();
  private Port[] inputs = {};
  private Port[] outputs = {};
  private Program.Step[] order = {};
  private int[] base = {};

  private ModelReader() {}

  static SparseModel read(InputStream in) throws IOException {
    Sections sections =
        new Sections(
            in,
            "runtime file",
            RuntimeFormat.MAGIC,
            RuntimeFormat.VERSION,
            RuntimeFormat.HEAD,
            RuntimeFormat.TENSORS,
            RuntimeFormat.OPERATIONS,
            RuntimeFormat.END);
    try {
      return new ModelReader().read(sections);
    } catch (ModelException | ArithmeticException e) {
      throw new IOException("expected a model whose parts fit together: " + e.getMessage(), e);
    }
  }

  private SparseModel read(Sections sections) throws IOException {
    head(expect(sections.next(), RuntimeFormat.HEAD));
    Sections.Content section = sections.next();
    while (section.name().equals(RuntimeFormat.TENSORS)) {
      ByteSource bytes = section.bytes();
      while (bytes.remaining() > 0) {
        tensors.add(tensorReader.read(bytes));
      }
      section = sections.next();
    }
    operations(expect(section, RuntimeFormat.OPERATIONS));
    expect(sections.next(), RuntimeFormat.END).requireEnd("the last section");
    sections.requireEnd();
    return new SparseModel(inputs, outputs, order, base, properties);
  }

  private static ByteSource expect(Sections.Content section, String name) throws IOException {
    if (!section.name().equals(name)) {
      throw section.bytes().error("expected the section " + name + ", but found " + section.name());
    }
    return section.bytes();
  }

  private void head(ByteSource bytes) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    int count = (int) bytes.getCount(MOST_PORTS, "a number of properties");
    for (int i = 0; i < count; i++) {
      String name = bytes.getText(MOST_TEXT, "the name of a property");
      found.put(name, bytes.getText(MOST_TEXT, "a property"));
    }
    properties = Collections.unmodifiableMap(found);
    inputs = new Port[number(bytes, "the inputs")];
    for (int i = 0; i < inputs.length; i++) {
      String name = bytes.getText(MOST_TEXT, "the name of an input");
      int kind = bytes.getByte(Port.VOLUME, "a code for the kind of input");
      boolean last = bytes.getByte(1, "a flag") == 1;
      inputs[i] = new Port(name, kind, last, shape(kind, bytes), i);
    }
    requireDifferent(inputs, bytes);
    bytes.requireEnd("the section HEAD");
  }

  private static void requireDifferent(Port[] ports, ByteSource bytes) throws IOException {
    Set<String> names = new HashSet<>();
    for (Port port : ports) {
      if (!names.add(port.name())) {
        throw bytes.error("expected different names, but found " + port.name() + " twice");
      }
    }
  }

  private static int number(ByteSource bytes, String what) throws IOException {
    int count = (int) bytes.getCount(MOST_PORTS, "a count of " + what);
    if (count == 0) {
      throw bytes.error("expected at least one of " + what + ", but found none");
    }
    return count;
  }

  private static int size(ByteSource bytes) throws IOException {
    return (int) bytes.getCount(MOST_SIZE, "a size");
  }

  private static Shape shape(int kind, ByteSource bytes) throws IOException {
    int channels = size(bytes);
    return kind == Port.VOLUME
        ? Shape.volumes(1, channels, size(bytes), size(bytes), size(bytes))
        : Shape.vectors(1, channels);
  }

  private void operations(ByteSource bytes) throws IOException {
    OperationReader reader = new OperationReader(bytes, tensors);
    int count = (int) bytes.getCount(MOST_OPERATIONS, "a number of operations");
    order = new Program.Step[count];
    for (int i = 0; i < count; i++) {
      int[] sources = new int[number(bytes, "the inputs of an operation")];
      for (int j = 0; j < sources.length; j++) {
        sources[j] = (int) bytes.getCount(inputs.length + i - 1L, "a value");
      }
      order[i] = new Program.Step(reader.read(sources.length), sources);
    }
    int[] steps = fittingSteps();
    Shape[] shapes = Program.shapes(inputs, order, steps);
    Shape[] other = Program.shapes(inputs, order, longer(steps));
    outputs = new Port[number(bytes, "the outputs")];
    for (int i = 0; i < outputs.length; i++) {
      String name = bytes.getText(MOST_TEXT, "the name of an output");
      int value = (int) bytes.getCount(inputs.length + count - 1L, "a value");
      boolean last = bytes.getByte(1, "a flag") == 1;
      boolean varies = !shapes[value].isLike(other[value]);
      int kind = varies ? Port.SEQUENCE : shapes[value].planes ? Port.VOLUME : Port.VECTOR;
      Shape own = varies ? Shape.vectors(1, shapes[value].channels) : shapes[value];
      outputs[i] = new Port(name, kind, last, own, value);
    }
    requireDifferent(outputs, bytes);
    bytes.requireEnd("the section OPER");
    base = steps;
  }

  /**
   * Returns the smallest number of time steps, among the powers of two, for which all shapes fit: a
   * convolution may need more than one.
   */
  private int[] fittingSteps() {
    int[] steps = new int[inputs.length];
    for (int count = 1; ; count *= 2) {
      for (int i = 0; i < steps.length; i++) {
        steps[i] = inputs[i].isSequence() ? count : 1;
      }
      try {
        Program.shapes(inputs, order, steps);
        return steps;
      } catch (ModelException e) {
        if (count == MOST_STEPS || !hasSequences()) {
          throw e;
        }
      }
    }
  }

  private boolean hasSequences() {
    for (Port input : inputs) {
      if (input.isSequence()) {
        return true;
      }
    }
    return false;
  }

  /** Returns more steps, for which every shape that depends on steps is different. */
  private int[] longer(int[] steps) {
    int[] more = steps.clone();
    for (int i = 0; i < more.length; i++) {
      more[i] += inputs[i].isSequence() ? MUCH : 0;
    }
    return more;
  }
}
