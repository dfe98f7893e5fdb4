package io.github.dl4jpruning.runtime;

/** Formats a model as a table for users. */
final class Summary {

  private Summary() {}

  static String of(Port[] inputs, Port[] outputs, Program.Step[] order, int[] steps) {
    StringBuilder text = new StringBuilder();
    for (Port input : inputs) {
      text.append("input ").append(input).append('\n');
    }
    long weights = 0;
    long nonZeros = 0;
    long macs = 0;
    Shape[] shapes = Program.shapes(inputs, order, steps);
    row(text, "layer", "gives", "weights", "non-zero", "MACs");
    for (int i = 0; i < order.length; i++) {
      Operation operation = order[i].operation;
      Shape shape = shapes[inputs.length + i];
      long own = operation.macs(order[i].inputs(shapes), shape);
      row(
          text,
          operation.title(),
          shape.toString(),
          Long.toString(operation.weights()),
          Long.toString(operation.nonZeros()),
          Long.toString(own));
      weights += operation.weights();
      nonZeros += operation.nonZeros();
      macs += own;
    }
    row(text, "all", "", Long.toString(weights), Long.toString(nonZeros), Long.toString(macs));
    for (Port output : outputs) {
      text.append("output ").append(output).append('\n');
    }
    return text.toString();
  }

  private static void row(StringBuilder text, String title, String... cells) {
    pad(text.append(title), 44 - title.length());
    for (String cell : cells) {
      pad(text, 16 - cell.length());
      text.append(cell);
    }
    text.append('\n');
  }

  private static void pad(StringBuilder text, int count) {
    for (int i = 0; i < Math.max(count, 1); i++) {
      text.append(' ');
    }
  }
}
