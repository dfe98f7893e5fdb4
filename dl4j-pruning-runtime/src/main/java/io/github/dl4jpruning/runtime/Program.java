package io.github.dl4jpruning.runtime;

/**
 * The operations of a model with memory for inputs of certain lengths. Later tensors reuse the
 * memory of tensors that are not read any more.
 */
final class Program {

  private final int[] steps;
  private final Value[] values;
  private final Kernel[] kernels;
  private final Pool pool = new Pool();

  Program(Port[] inputs, Port[] outputs, Step[] order, int[] steps) {
    this.steps = steps.clone();
    this.values = new Value[inputs.length + order.length];
    this.kernels = new Kernel[order.length];
    Shape[] shapes = shapes(inputs, order, steps);
    int[] lastUse = lastUses(outputs, order, inputs.length);
    for (int i = 0; i < inputs.length; i++) {
      values[i] = Value.of(shapes[i], pool);
    }
    for (int i = 0; i < order.length; i++) {
      Step step = order[i];
      Value[] in = new Value[step.inputs.length];
      for (int j = 0; j < in.length; j++) {
        in[j] = values[step.inputs[j]];
      }
      int own = inputs.length + i;
      values[own] = Value.of(shapes[own], pool);
      kernels[i] = step.operation.bind(in, values[own], pool);
      for (int value = inputs.length; value <= own; value++) {
        if (lastUse[value] == i) {
          values[value].release(pool);
        }
      }
    }
  }

  /** Returns the shapes of all values, inputs first. */
  static Shape[] shapes(Port[] inputs, Step[] order, int[] steps) {
    Shape[] shapes = new Shape[inputs.length + order.length];
    for (int i = 0; i < inputs.length; i++) {
      shapes[i] = inputs[i].shape(steps[i]);
    }
    for (int i = 0; i < order.length; i++) {
      shapes[inputs.length + i] = order[i].shape(shapes);
    }
    return shapes;
  }

  /** Returns the last operation that reads each value; outputs are never released. */
  private static int[] lastUses(Port[] outputs, Step[] order, int inputs) {
    int[] lastUse = new int[inputs + order.length];
    for (int i = 0; i < order.length; i++) {
      lastUse[inputs + i] = i;
      for (int value : order[i].inputs) {
        lastUse[value] = i;
      }
    }
    for (Port output : outputs) {
      lastUse[output.value] = Integer.MAX_VALUE;
    }
    return lastUse;
  }

  boolean isFor(int[] other) {
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] != other[i]) {
        return false;
      }
    }
    return true;
  }

  Value value(int index) {
    return values[index];
  }

  void run() {
    for (Kernel kernel : kernels) {
      kernel.run();
    }
  }

  void reset() {
    for (Kernel kernel : kernels) {
      kernel.reset();
    }
  }

  /** An operation and the values that it reads. */
  static final class Step {
    final Operation operation;
    final int[] inputs;

    Step(Operation operation, int[] inputs) {
      this.operation = operation;
      this.inputs = inputs;
    }

    Shape[] inputs(Shape[] shapes) {
      Shape[] in = new Shape[inputs.length];
      for (int i = 0; i < in.length; i++) {
        in[i] = shapes[inputs[i]];
      }
      return in;
    }

    Shape shape(Shape[] shapes) {
      return operation.shape(inputs(shapes));
    }
  }
}
