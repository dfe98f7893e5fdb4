package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/**
 * h = activation(W·x + R·h' + b), or with the products normalised: g·norm(W·x) + r·norm(R·h') + b.
 */
final class SimpleRecurrent extends Operation {

  private final int inputs;
  private final int units;
  private final int nonZeros;
  private final Product ofInput;
  private final Product ofState;
  private final float[] bias;
  private final float[] gains;
  private final Function activation;

  /**
   * Makes a layer.
   *
   * @param gains of the units for W·x, then those for R·h'; empty where nothing is normalised
   */
  SimpleRecurrent(
      SparseMatrix input,
      SparseMatrix recurrent,
      float[] bias,
      float[] gains,
      Function activation) {
    this.units = recurrent.rows;
    this.inputs = input.columns;
    this.nonZeros = input.nonZeros() + recurrent.nonZeros();
    if (input.rows != units || recurrent.columns != units || bias.length != units) {
      throw mismatch("a recurrent layer", units + " units", input.rows);
    }
    if (gains.length != 0 && gains.length != 2 * units) {
      throw mismatch("gains", 2 * units + " values", gains.length);
    }
    this.ofInput = Product.of(input, gains.length > 0 ? new float[0] : bias, false);
    this.ofState = Product.of(recurrent, new float[0], false);
    this.bias = bias;
    this.gains = gains;
    this.activation = activation;
  }

  @Override
  Shape shape(Shape[] in) {
    requireVectors(title(), in[0], inputs);
    return Shape.vectors(in[0].items, units);
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    boolean normalised = gains.length > 0;
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
          ofInput.multiply(in[0].flat, step * inputs, fromInput, 0, scratch);
          ofState.multiply(state, 0, fromState, 0, scratch);
          if (normalised) {
            normalise(fromInput, 0, units);
            normalise(fromState, units, units);
            for (int u = 0; u < units; u++) {
              fromInput[u] += bias[u];
            }
          }
          for (int u = 0; u < units; u++) {
            state[u] = fromInput[u] + fromState[u];
          }
          activation.apply(state, 0, units);
          System.arraycopy(state, 0, out.flat, step * units, units);
        }
      }
    };
  }

  private void normalise(float[] x, int firstGain, int length) {
    double sum = 0.0;
    for (int i = 0; i < length; i++) {
      sum += x[i];
    }
    double mean = sum / length;
    double squares = 0.0;
    for (int i = 0; i < length; i++) {
      squares += (x[i] - mean) * (x[i] - mean);
    }
    double deviation = Math.sqrt(squares / length);
    for (int i = 0; i < length; i++) {
      float y = deviation == 0.0 ? 0f : (float) ((x[i] - mean) / deviation);
      x[i] = gains[firstGain + i] * y;
    }
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
    return "recurrent layer of " + units + " units";
  }
}
