package io.github.dl4jpruning.runtime;

/** An activation on its own, or slopes for negative inputs (PReLU). */
final class Elementwise extends Operation {

  private final Function activation;
  private final float[] slopes;

  /**
   * Makes a step.
   *
   * @param slopes below zero, for each element of an item or for each channel; empty to apply the
   *     activation
   */
  Elementwise(Function activation, float[] slopes) {
    this.activation = activation;
    this.slopes = slopes;
  }

  @Override
  Shape shape(Shape[] in) {
    int own = in[0].channels * in[0].positions();
    if (slopes.length != 0 && slopes.length != own && slopes.length != in[0].channels) {
      throw mismatch(title(), slopes.length + " channels or elements", in[0]);
    }
    return in[0];
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    int channels = out.shape.channels;
    int positions = out.shape.positions();
    boolean each = slopes.length != channels;
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < in[0].runs(); i++) {
          float[] x = in[0].run(i);
          float[] y = out.run(i);
          if (slopes.length == 0) {
            activation.apply(x, 0, y, 0, in[0].run());
          } else if (out.shape.planes) {
            int c = i % channels;
            slope(x, y, each ? c * positions : c, each ? 1 : 0, positions);
          } else {
            for (int item = 0; item < out.shape.items; item++) {
              slopeVector(x, y, item * channels, channels);
            }
          }
        }
      }
    };
  }

  private void slope(float[] x, float[] y, int first, int step, int length) {
    for (int i = 0, s = first; i < length; i++, s += step) {
      y[i] = x[i] < 0f ? slopes[s] * x[i] : x[i];
    }
  }

  private void slopeVector(float[] x, float[] y, int from, int length) {
    for (int i = 0; i < length; i++) {
      y[from + i] = x[from + i] < 0f ? slopes[i] * x[from + i] : x[from + i];
    }
  }

  @Override
  long weights() {
    return slopes.length;
  }

  @Override
  long nonZeros() {
    long count = 0;
    for (float slope : slopes) {
      count += slope != 0f ? 1 : 0;
    }
    return count;
  }

  @Override
  String title() {
    return slopes.length == 0 ? activation.title() : "PReLU";
  }
}
