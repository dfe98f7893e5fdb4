package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.ValueShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The parameters of a program's functions: its inputs and outputs, in the layouts of the network's
 * arrays. Copies are made only where the layout in the program is another one.
 */
final class CPorts {

  private final InferencePlan plan;
  private final List<ValueShape> shapes;
  private final CBody body;
  private final CFunctions functions;
  private final int steps;
  private final List<String> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<Optional<Place>> inputSteps = new ArrayList<>();
  private final List<Optional<Place>> outputSteps = new ArrayList<>();
  private boolean hasLater;

  /**
   * Names the parameters.
   *
   * @param steps the number of steps if a sample is run step by step; 0 if not
   */
  CPorts(InferencePlan plan, List<ValueShape> shapes, CBody body, CFunctions functions, int steps) {
    this.plan = plan;
    this.shapes = shapes;
    this.body = body;
    this.functions = functions;
    this.steps = steps;
    CNames names = new CNames();
    plan.inputs().forEach(input -> inputs.add(names.unique("input", input.name())));
    boolean one = plan.outputs().size() == 1 && plan.outputs().get(0).name().isEmpty();
    plan.outputs().forEach(output -> outputs.add(names.unique("output", one ? "" : output.name())));
    body.setMoment(-1);
    for (int i = 0; i < inputs.size(); i++) {
      // Steps of a sample are gathered if its channels come first.
      boolean spread = steps > 1 && !plan.inputs().get(i).channelsLast() && size(i) > 1;
      inputSteps.add(spread ? Optional.of(body.memory(size(i), Place.END)) : Optional.empty());
    }
    for (InferencePlan.Output output : plan.outputs()) {
      int size = size(output.value());
      boolean spread =
          steps > 1
              && shapes.get(output.value()).sequence()
              && !shapes.get(output.value()).planes()
              && !output.channelsLast()
              && size > 1;
      outputSteps.add(spread ? Optional.of(body.memory(size, Place.END)) : Optional.empty());
    }
  }

  private Operand operand(int value, Place place) {
    return new Operand(place, shapes.get(value));
  }

  private int size(int value) {
    return operand(value, Place.of("")).size();
  }

  void setHasLater(boolean later) {
    hasLater = later;
  }

  /** Converts inputs to the layout of the program, and says where they are. */
  void read(Place[] places, int... last) {
    for (int i = 0; i < inputs.size(); i++) {
      Operand input = operand(i, Place.of(inputs.get(i)));
      boolean channelsLast = plan.inputs().get(i).channelsLast();
      boolean planes = input.shape().planes();
      int positions = planes ? input.positions() : input.items();
      boolean same = planes != channelsLast || positions == 1 || input.channels() == 1;
      if (same) {
        places[i] = input.place();
        continue;
      }
      places[i] = body.memory(input.size(), last[i]);
      int rows = planes ? positions : input.channels();
      transpose(input.place(), places[i], rows, input.size() / rows);
    }
  }

  private void transpose(Place from, Place to, int rows, int columns) {
    body.add("%s(%s, %s, %d, %d);", functions.use("transpose"), from, to, rows, columns);
  }

  /** Returns the array of the caller that takes a value as it is. */
  Optional<Place> target(int value) {
    for (int i = 0; i < outputs.size(); i++) {
      if (plan.outputs().get(i).value() == value && isPlain(i)) {
        return Optional.of(Place.of(outputs.get(i)));
      }
    }
    return Optional.empty();
  }

  private boolean isPlain(int output) {
    InferencePlan.Output port = plan.outputs().get(output);
    Operand value = operand(port.value(), Place.of(""));
    if (value.shape().planes()) {
      return !port.channelsLast() || value.positions() == 1 || value.channels() == 1;
    }
    return port.channelsLast() || value.items() == 1 || value.channels() == 1;
  }

  /**
   * Copies values to outputs, unless they are there.
   *
   * @param sequences whether it is the turn of outputs that are sequences, or of the others
   */
  void write(boolean sequences, Place... places) {
    for (int i = 0; i < outputs.size(); i++) {
      if (shapes.get(plan.outputs().get(i).value()).sequence() != sequences) {
        continue;
      }
      int value = plan.outputs().get(i).value();
      Operand from = operand(value, places[value]);
      Place to = Place.of(outputs.get(i));
      boolean there = from.place().toString().equals(outputs.get(i));
      if (!there && isPlain(i)) {
        body.add("%s(%s, %s, %d);", functions.use("copy"), from.place(), to, from.size());
      } else if (!there && from.shape().planes()) {
        body.addForEach(
            from.items(),
            "%s(%s, %s, %d, %d);",
            functions.use("transpose"),
            from.each(),
            from.in(to).each(),
            from.channels(),
            from.positions());
      } else if (!there) {
        transpose(from.place(), to, from.items(), from.channels());
      }
    }
  }

  /**
   * Computes all sizes.
   *
   * @throws ArithmeticException if one exceeds 2³¹ − 1
   */
  void requireSizes() {
    for (int i = 0; i < inputs.size(); i++) {
      inputSize(i);
    }
    for (int i = 0; i < outputs.size(); i++) {
      outputSize(i);
    }
  }

  /** Returns the number of floats of each input, for all steps. */
  int inputSize(int input) {
    return Math.multiplyExact(size(input), steps > 0 ? steps : 1);
  }

  /** Returns the number of floats of each output, for all steps. */
  int outputSize(int output) {
    int value = plan.outputs().get(output).value();
    return Math.multiplyExact(size(value), steps > 0 && shapes.get(value).sequence() ? steps : 1);
  }

  /** Returns the number of floats of an input for one step. */
  int stepInputSize(int input) {
    return size(input);
  }

  /** Returns the number of floats of an output for one step. */
  int stepSize(int output) {
    return size(plan.outputs().get(output).value());
  }

  List<String> inputs() {
    return inputs;
  }

  List<String> outputs() {
    return outputs;
  }

  /** Returns the sizes of all arrays, as lines of a header. */
  List<String> sizes(String upper) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      boolean last = plan.inputs().get(i).channelsLast();
      lines.add(size(upper, inputs.get(i), inputSize(i), shapes.get(i), last));
    }
    for (int i = 0; i < outputs.size(); i++) {
      InferencePlan.Output output = plan.outputs().get(i);
      ValueShape shape = shapes.get(output.value());
      lines.add(size(upper, outputs.get(i), outputSize(i), shape, output.channelsLast()));
    }
    return lines;
  }

  private String size(String upper, String port, int size, ValueShape shape, boolean channelsLast) {
    int items = shape.sequence() ? Math.max(steps, shape.items()) : 1;
    List<String> axes = new ArrayList<>();
    if (shape.planes()) {
      axes.add(
          (shape.depth() > 1 ? shape.depth() + " x " : "")
              + shape.height()
              + " x "
              + shape.width());
    }
    if (shape.sequence() && !shape.planes()) {
      axes.add(items + (items == 1 ? " step" : " steps"));
    }
    axes.add(
        channelsLast ? axes.size() : 0,
        shape.channels() + (shape.planes() || shape.sequence() ? " channels" : ""));
    if (shape.planes() && items > 1) {
      axes.add(0, items + " steps");
    }
    return "/* Floats of "
        + port
        + ": "
        + String.join(" x ", axes)
        + ". */\n#define "
        + upper
        + "_"
        + port.toUpperCase(Locale.ROOT)
        + "_SIZE "
        + size;
  }

  String parameters() {
    List<String> all = new ArrayList<>();
    inputs.forEach(input -> all.add("const float *" + input));
    outputs.forEach(output -> all.add("float *" + output));
    return String.join(", ", all);
  }

  /** Returns the parameters of the function that runs a step. */
  String computeParameters() {
    return parameters() + (hasLater ? ", int last" : "");
  }

  String stepArguments() {
    List<String> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    return String.join(", ", all) + (hasLater ? ", 1" : "");
  }

  /** Returns statements for inputs that no statement reads. */
  String unused(String statements) {
    String code = statements.replaceAll("/\\*.*?\\*/", "");
    StringBuilder text = new StringBuilder();
    for (String input : inputs) {
      if (!code.matches("(?s).*\\b" + input + "\\b.*")) {
        text.append("  (void)").append(input).append(";\n");
      }
    }
    return text.toString();
  }

  /** Returns the statements that run a sample step by step. */
  String loop(String name) {
    StringBuilder text = new StringBuilder();
    text.append("  ").append(name).append("_reset();\n");
    text.append("  for (int32_t step = 0; step < ").append(steps).append("; step++) {\n");
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Optional<Place> gathered = inputSteps.get(i);
      if (gathered.isPresent()) {
        text.append(
            String.format(
                Locale.ROOT,
                "    gather(%s + step, %s, %d, %d);\n",
                inputs.get(i),
                gathered.get(),
                size(i),
                steps));
        arguments.add(gathered.get().toString());
      } else {
        arguments.add(inputs.get(i) + " + step * " + size(i));
      }
    }
    for (int i = 0; i < outputs.size(); i++) {
      int value = plan.outputs().get(i).value();
      boolean each = shapes.get(value).sequence();
      String own = outputs.get(i) + (each ? " + step * " + size(value) : "");
      arguments.add(outputSteps.get(i).map(Place::toString).orElse(own));
    }
    String last = hasLater ? ", step == " + (steps - 1) : "";
    text.append("    if (compute(").append(String.join(", ", arguments)).append(last);
    text.append(") != 0) {\n      " + name + "_reset();\n      return 1;\n    }\n");
    for (int i = 0; i < outputs.size(); i++) {
      if (outputSteps.get(i).isPresent()) {
        int size = size(plan.outputs().get(i).value());
        text.append(
            String.format(
                Locale.ROOT,
                "    scatter(%s, %s + step, %d, %d);\n",
                outputSteps.get(i).get(),
                outputs.get(i),
                size,
                steps));
      }
    }
    return text.append("  }\n  ").append(name).append("_reset();\n  return 0;\n").toString();
  }

  /** Adds the functions that the loop calls. */
  void useFunctions() {
    if (inputSteps.stream().anyMatch(Optional::isPresent)) {
      functions.use("gather");
    }
    if (outputSteps.stream().anyMatch(Optional::isPresent)) {
      functions.use("scatter");
    }
  }
}
