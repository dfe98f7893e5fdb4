package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/**
 * An LSTM. In each step the gates read the input and the last output:
 *
 * <pre>
 * a = activation(…)   f, o, g = gate(…)   c = f·c' + g·a   h = o · activation(c)
 * </pre>
 *
 * <p>With peepholes, f and g also read c', and o reads c. Source: A. Graves, "Supervised sequence
 * labelling with recurrent neural networks", 2012, with the gates in DL4J's order.
 */
final class Lstm extends Operation {

  private static final int GATES = 4;

  private final Product product;
  private final int nonZeros;
  private final int inputs;
  private final int units;
  private final float[] peepholes;
  private final Function activation;
  private final Function gate;
  private final Masking masking;

  /**
   * Creates a layer.
   *
   * @param input the weights of the input: one row for each gate of each unit, gate by gate
   * @param recurrent the weights of the last output
   * @param peepholes the weights of f, o and g for each unit; empty for none
   * @param masking the steps that are skipped
   */
  Lstm(
      SparseMatrix input,
      SparseMatrix recurrent,
      float[] bias,
      float[] peepholes,
      Function activation,
      Function gate,
      Masking masking) {
    this.units = recurrent.columns;
    this.inputs = input.columns;
    if (input.rows != GATES * units || recurrent.rows != input.rows) {
      throw mismatch("an LSTM", GATES * units + " rows of weights", input.rows);
    }
    if (bias.length != input.rows) {
      throw mismatch("a bias", input.rows + " values", bias.length);
    }
    if (peepholes.length != 0 && peepholes.length != 3 * units) {
      throw mismatch("peepholes", 3 * units + " values", peepholes.length);
    }
    this.product = Product.of(input.beside(recurrent), bias, false);
    this.nonZeros = input.nonZeros() + recurrent.nonZeros();
    this.peepholes = peepholes;
    this.activation = activation;
    this.gate = gate;
    this.masking = masking;
  }

  @Override
  Shape shape(Shape[] in) {
    requireVectors(title(), in[0], inputs);
    return Shape.vectors(in[0].items, units);
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    return new Run(in[0], out);
  }

  /** Has its own memory, not from the pool: it holds the state between calls. */
  private final class Run extends Kernel {
    private final Value in;
    private final Value out;

    /** The input, followed by the last output. */
    private final float[] seen = new float[inputs + units];

    private final float[] gates = new float[GATES * units];
    private final float[] scratch = new float[GATES * units];
    private final float[] cells = new float[units];
    private final float[] squashed = new float[units];

    Run(Value in, Value out) {
      this.in = in;
      this.out = out;
    }

    @Override
    void reset() {
      Arrays.fill(seen, 0f);
      Arrays.fill(cells, 0f);
    }

    @Override
    void run() {
      for (int step = 0; step < out.shape.items; step++) {
        if (masking.skips(in.flat, step * inputs, inputs)) {
          reset();
          Arrays.fill(out.flat, step * units, (step + 1) * units, 0f);
          continue;
        }
        System.arraycopy(in.flat, step * inputs, seen, 0, inputs);
        product.multiply(seen, 0, gates, 0, scratch);
        if (peepholes.length > 0) {
          peep(units, 0);
          peep(3 * units, 2 * units);
        }
        activation.apply(gates, 0, units);
        gate.applyToGate(gates, units, 2 * units);
        gate.applyToGate(gates, 3 * units, GATES * units);
        for (int u = 0; u < units; u++) {
          cells[u] = gates[units + u] * cells[u] + gates[3 * units + u] * gates[u];
        }
        if (peepholes.length > 0) {
          peep(2 * units, units);
        }
        gate.applyToGate(gates, 2 * units, 3 * units);
        System.arraycopy(cells, 0, squashed, 0, units);
        activation.apply(squashed, 0, units);
        for (int u = 0; u < units; u++) {
          seen[inputs + u] = gates[2 * units + u] * squashed[u];
        }
        System.arraycopy(seen, inputs, out.flat, step * units, units);
      }
    }

    private void peep(int at, int from) {
      for (int u = 0; u < units; u++) {
        gates[at + u] += peepholes[from + u] * cells[u];
      }
    }
  }

  @Override
  long nonZeros() {
    return nonZeros;
  }

  @Override
  long weights() {
    return (long) GATES * units * (inputs + units);
  }

  @Override
  long macs(Shape[] in, Shape out) {
    return (long) nonZeros * out.items;
  }

  @Override
  String title() {
    return "LSTM of " + units + " units" + (masking.isPresent() ? ", masked" : "");
  }
}
