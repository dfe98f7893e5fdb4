package io.github.dl4jpruning.runtime;

/** A separate activation, or slopes for negative inputs (PReLU). */
final class Elementwise extends Operation {

  private final Function activation;
  private final float[] slopes;

  /**
   * Creates a step.
   *
   * @param slopes the slopes below zero: one for all, one for each channel, or one for each element
   *     of an item; empty to apply the activation
   */
  Elementwise(Function activation, float[] slopes) {
    this.activation = activation;
    this.slopes = slopes;
  }

  @Override
  Shape shape(Shape[] in) {
    int own = in[0].channels * in[0].positions();
    if (slopes.length > 1 && slopes.length != own && slopes.length != in[0].channels) {
      throw mismatch(title(), slopes.length + " channels or elements", in[0]);
    }
    return in[0];
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    int channels = out.shape.channels;
    int positions = out.shape.positions();
    boolean one = slopes.length == 1;
    boolean each = !one && slopes.length != channels;
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
            slope(x, 0, y, one ? 0 : each ? c * positions : c, each ? 1 : 0, positions);
          } else {
            for (int item = 0; item < out.shape.items; item++) {
              slope(x, item * channels, y, 0, one ? 0 : 1, channels);
            }
          }
        }
      }
    };
  }

  private void slope(float[] x, int from, float[] y, int first, int step, int length) {
    for (int i = from, s = first; i < from + length; i++, s += step) {
      y[i] = x[i] < 0f ? slopes[s] * x[i] : x[i];
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
