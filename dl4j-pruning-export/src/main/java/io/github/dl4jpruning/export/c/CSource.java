package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The C code of a plan. */
final class CSource {

  private static final int LINE = 120;

  private final InferencePlan plan;
  private final COptions options;
  private final int steps;
  private final boolean stepwise;
  private final List<ValueShape> shapes;
  private final CBody body = new CBody();
  private final CFunctions functions = new CFunctions();
  private final CTables tables = new CTables();
  private final CPorts ports;
  private final int memory;

  private CSource(InferencePlan plan, COptions options, int steps, boolean stepwise) {
    this.plan = plan;
    this.options = options;
    this.steps = steps;
    this.stepwise = stepwise;
    this.shapes = ValueShape.of(plan, stepwise ? 1 : Math.max(steps, 1));
    this.ports = new CPorts(plan, shapes, body, functions, stepwise ? steps : 0);
    requirePositions();
    ports.requireSizes();
    new CSteps(plan, shapes, body, functions, tables, ports).add(options.weights(), stepwise);
    if (!body.states().isEmpty()) {
      functions.use("fill");
    }
    ports.useFunctions();
    this.memory = body.place();
  }

  /**
   * Makes the code of a plan.
   *
   * @param steps the number of time steps, or 0 if it is not known
   * @throws IllegalArgumentException if the number of time steps must be known, or is too small
   */
  static CSource of(InferencePlan plan, COptions options, int steps) {
    boolean sequences =
        plan.inputs().stream().anyMatch(in -> in.form() == InferencePlan.Form.SEQUENCE);
    Optional<InferencePlan.Step> whole =
        plan.steps().stream().filter(step -> needsWhole(step.operation())).findFirst();
    boolean all = plan.inputs().stream().allMatch(in -> in.form() == InferencePlan.Form.SEQUENCE);
    boolean stepwise = sequences && all && whole.isEmpty();
    if (sequences && !stepwise && steps == 0) {
      throw new IllegalArgumentException(
          (whole.isEmpty() ? "the network" : "layer " + whole.get().layer())
              + ": expected a known number of time steps, or only layers and inputs of one time"
              + " step at a time, but found "
              + whole
                  .map(step -> step.operation().getClass().getSimpleName())
                  .orElse("an input that is no sequence")
              + "; give the number with COptions.withSteps");
    }
    try {
      return new CSource(plan, options, sequences ? steps : 0, stepwise);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "expected a network whose values are at most 2^31 - 1 numbers, but there are more"
              + (sequences ? " with " + steps + " time steps" : ""),
          e);
    }
  }

  /** Returns whether an operation reads several time steps at once, or makes them. */
  private static boolean needsWhole(Operation operation) {
    return operation instanceof Operation.ReverseSteps
        || operation instanceof Operation.RepeatSteps
        || operation instanceof Operation.LastUnmaskedStep
        || operation instanceof Operation.StepsToWidth
        || operation instanceof Operation.WidthToSteps
        || (operation instanceof Operation.GlobalPooling pooling && pooling.overSteps())
        || (operation instanceof Operation.UnitNorm unit && unit.overSteps())
        || (operation instanceof Operation.Softmax softmax
            && softmax.along() == Operation.Axis.STEPS);
  }

  private void requirePositions() {
    for (int i = 0; i < shapes.size(); i++) {
      ValueShape shape = shapes.get(i);
      if (shape.depth() < 1 || shape.height() < 1 || shape.width() < 1 || shape.items() < 1) {
        throw new IllegalArgumentException(
            "layer "
                + plan.steps().get(i - plan.inputs().size()).layer()
                + ": expected sequences of more than "
                + steps
                + " time steps, since none is left behind it");
      }
    }
  }

  String name() {
    return options.name();
  }

  /** Returns whether there is a function for whole samples; if not, only for time steps. */
  boolean hasRun() {
    return !stepwise || steps > 0;
  }

  boolean isStepwise() {
    return stepwise;
  }

  boolean isSequence(InferencePlan.Output output) {
    return shapes.get(output.value()).sequence();
  }

  boolean isPlanes(int output) {
    return shapes.get(plan.outputs().get(output).value()).planes();
  }

  int steps() {
    return steps;
  }

  CPorts ports() {
    return ports;
  }

  long constantBytes() {
    return tables.bytes();
  }

  long memoryBytes() {
    return (long) Float.BYTES * memory;
  }

  /** Returns the header. */
  String header(List<String> facts) {
    String upper = name().toUpperCase(Locale.ROOT);
    Map<String, String> words = new LinkedHashMap<>();
    words.put("@FACTS@", facts.stream().map(f -> " * " + f).collect(Collectors.joining("\n")));
    words.put("@GUARD@", upper + "_H");
    words.put("@SIZES@", String.join("\n", sizes(upper)));
    words.put("@FUNCTIONS@", String.join("\n\n", declarations()));
    return filled("header.h", words);
  }

  /** Returns the definitions. */
  String source(List<String> facts) {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("@FACTS@", facts.stream().map(f -> " * " + f).collect(Collectors.joining("\n")));
    words.put("@NAME@", name());
    String buffer =
        "/* What operations need; later values take the place of earlier ones. */\n"
            + "static float memory["
            + memory
            + "];";
    words.put("@MEMORY@", memory > 0 ? buffer : "");
    words.put("@TABLES@", String.join("\n\n", tables.texts()));
    // A structure comes before the tables that have its type.
    Map<Boolean, List<String>> split =
        functions.texts().stream()
            .collect(Collectors.partitioningBy(text -> text.contains("\nstruct window {")));
    words.put("@TYPES@", String.join("\n\n", split.get(true)));
    words.put("@HELPERS@", String.join("\n\n", split.get(false)));
    words.put("@FUNCTIONS@", String.join("\n\n", definitions()));
    return filled("source.c", words)
        .replaceAll("\n{3,}", "\n\n")
        .lines()
        .map(CSource::wrapped)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** Breaks a long line behind commas. */
  private static String wrapped(String line) {
    if (line.length() <= LINE) {
      return line;
    }
    String indent = " ".repeat(line.length() - line.stripLeading().length() + 4);
    StringBuilder text = new StringBuilder();
    int length = 0;
    for (String word : line.split("(?<=, )", -1)) {
      if (length > 0 && length + word.length() > LINE) {
        text.setLength(text.length() - 1); // the blank behind the comma
        text.append('\n').append(indent);
        length = indent.length();
      }
      text.append(word);
      length += word.length();
    }
    return text.toString();
  }

  private static String filled(String template, Map<String, String> words) {
    String text = CFunctions.resource(template);
    for (Map.Entry<String, String> word : words.entrySet()) {
      text = text.replace(word.getKey(), word.getValue());
    }
    return text;
  }

  private List<String> sizes(String upper) {
    List<String> lines = new ArrayList<>();
    lines.addAll(ports.sizes(upper));
    if (steps > 0) {
      lines.add("/* Time steps of a sequence. */");
      lines.add("#define " + upper + "_STEPS " + steps);
    }
    lines.add("/* Bytes of static memory, and of constant tables. */");
    lines.add("#define " + upper + "_MEMORY_BYTES " + memoryBytes());
    lines.add("#define " + upper + "_CONSTANT_BYTES " + constantBytes());
    return lines;
  }

  private List<String> declarations() {
    List<String> all = new ArrayList<>();
    boolean words =
        plan.steps().stream().anyMatch(step -> step.operation() instanceof Operation.Embedding);
    String result =
        words ? "Returns 0, or 1 if an input is not the number of a word." : "Returns 0.";
    if (hasRun()) {
      all.add(
          "/* Runs the network on a sample; input and output must not overlap. "
              + (stepwise ? "A sequence of steps ends. " : "")
              + result
              + " */\nint "
              + name()
              + "_run("
              + ports.parameters()
              + ");");
    }
    if (stepwise) {
      all.add(
          "/* Runs the network on the next time step; input and output must not overlap. "
              + (words ? "After 1, reset. " : "")
              + result
              + " */\nint "
              + name()
              + "_step("
              + ports.parameters()
              + ");");
      all.add(
          "/* Begins a new sequence: the next time step is the first one. */\nvoid "
              + name()
              + "_reset(void);");
    }
    return all;
  }

  private List<String> definitions() {
    List<String> all = new ArrayList<>();
    String unused = ports.unused(body.text());
    if (!stepwise) {
      all.add(function("int " + name() + "_run(" + ports.parameters() + ")", unused + body.text()));
      return all;
    }
    all.add(
        function("static int compute(" + ports.computeParameters() + ")", unused + body.text()));
    StringBuilder resets = new StringBuilder();
    for (int i = 0; i < body.states().size(); i++) {
      Place state = body.states().get(i);
      resets.append("  fill(" + state + ", " + body.sizeOfState(i) + ", 0.0f);\n");
    }
    all.add("void " + name() + "_reset(void)\n{\n" + resets + "}");
    all.add(
        "int "
            + name()
            + "_step("
            + ports.parameters()
            + ")\n{\n  return compute("
            + ports.stepArguments()
            + ");\n}");
    if (steps > 0) {
      all.add("int " + name() + "_run(" + ports.parameters() + ")\n{\n" + ports.loop(name()) + "}");
    }
    return all;
  }

  private static String function(String head, String statements) {
    return head + "\n{\n" + statements + "  return 0;\n}";
  }
}
