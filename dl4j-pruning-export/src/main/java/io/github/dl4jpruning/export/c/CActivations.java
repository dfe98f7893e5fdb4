package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Activation;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Adds loops that apply an activation in place. */
final class CActivations {

  private final CBody body;
  private final CFunctions functions;

  CActivations(CBody body, CFunctions functions) {
    this.body = body;
    this.functions = functions;
  }

  /** The name of a C function of one number, and its parameters. */
  private record Call(String name, List<Float> parameters) {}

  /** Adds a statement that applies an activation in place. */
  void add(Activation activation, Object place, int count) {
    if (!activation.isIdentity()) {
      body.add("%s", new Statement(activation, place, Integer.toString(count)));
    }
  }

  /** Returns the statement that applies an activation in a loop over planes; empty for none. */
  String statement(Activation activation, Object place, String count) {
    return activation.isIdentity() ? "" : new Statement(activation, place, count) + "\n    ";
  }

  /** A call whose place is known when it becomes text. */
  private final class Statement {
    private final String function;
    private final Object place;
    private final String rest;

    Statement(Activation activation, Object place, String count) {
      Call call = call(activation);
      this.function = loop(call);
      this.place = place;
      this.rest =
          count
              + call.parameters().stream()
                  .map(p -> ", " + CTables.number(p))
                  .collect(Collectors.joining());
    }

    @Override
    public String toString() {
      return function + "(" + place + ", " + rest + ");";
    }
  }

  /** Returns the name of the function that applies another one to numbers. */
  private String loop(Call call) {
    functions.use(call.name());
    String names = names(call.parameters().size());
    return functions.use(
        "apply",
        "apply_" + call.name(),
        Map.of(
            "NAME",
            call.name(),
            "PARAMETERS",
            names.replace(", ", ", float "),
            "ARGUMENTS",
            names));
  }

  private static String names(int count) {
    return ", a, b, c".substring(0, 3 * count);
  }

  private static Call call(Activation activation) {
    List<Float> p = activation.parameters();
    return switch (activation.kind()) {
      case RELU -> relu(p);
      case TANH -> new Call("tanh_of", p);
      default -> new Call(activation.kind().name().toLowerCase(java.util.Locale.ROOT), p);
    };
  }

  private static Call relu(List<Float> p) {
    boolean plain = p.get(0) == 0f && p.get(1) == 0f && p.get(2) == Float.POSITIVE_INFINITY;
    return plain ? new Call("relu", List.of()) : new Call("bounded_relu", p);
  }
}
