package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/** h = activation(W·x + R·h' + b), where h' is the last output. */
final class SimpleRecurrent extends Operation {

  private final int inputs;
  private final int units;
  private final int nonZeros;
  private final Product ofInput;
  private final Product ofState;
  private final Function activation;
  private final Masking masking;

  SimpleRecurrent(
      SparseMatrix input,
      SparseMatrix recurrent,
      float[] bias,
      Function activation,
      Masking masking) {
    this.units = recurrent.rows;
    this.inputs = input.columns;
    this.nonZeros = input.nonZeros() + recurrent.nonZeros();
    if (input.rows != units || recurrent.columns != units || bias.length != units) {
      throw mismatch("a recurrent layer", units + " units", input.rows);
    }
    this.ofInput = Product.of(input, bias, false);
    this.ofState = Product.of(recurrent, new float[0], false);
    this.activation = activation;
    this.masking = masking;
  }

  @Override
  Shape shape(Shape[] in) {
    requireVectors(title(), in[0], inputs);
    return Shape.vectors(in[0].items, units);
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    float[] scratch = new float[units];
    float[] state = new float[units];
    float[] fromInput = new float[units];
    float[] fromState = new float[units];
    return new Kernel() {
      @Override
      void reset() {
        Arrays.fill(state, 0f);
      }

      @Override
      void run() {
        for (int step = 0; step < out.shape.items; step++) {
          if (masking.skips(in[0].flat, step * inputs, inputs)) {
            reset();
            Arrays.fill(out.flat, step * units, (step + 1) * units, 0f);
            continue;
          }
          ofInput.multiply(in[0].flat, step * inputs, fromInput, 0, scratch);
          ofState.multiply(state, 0, fromState, 0, scratch);
          for (int u = 0; u < units; u++) {
            state[u] = fromInput[u] + fromState[u];
          }
          activation.apply(state, 0, units);
          System.arraycopy(state, 0, out.flat, step * units, units);
        }
      }
    };
  }

  @Override
  long nonZeros() {
    return nonZeros;
  }

  @Override
  long weights() {
    return (long) units * (inputs + units);
  }

  @Override
  long macs(Shape[] in, Shape out) {
    return (long) nonZeros * out.items;
  }

  @Override
  String title() {
    return "recurrent layer of " + units + " units" + (masking.isPresent() ? ", masked" : "");
  }
}
