package io.github.dl4jpruning.runtime;

/**
 * activation(scale · x + shift), with one scale and shift for all, for each channel, or for each
 * element.
 */
final class PerChannel extends Operation {

  private final float[] scales;
  private final float[] shifts;
  private final Function activation;

  /**
   * Creates a step.
   *
   * @param scales one for all, one for each channel, or one for each element of an item
   * @param shifts as many as scales
   */
  PerChannel(float[] scales, float[] shifts, Function activation) {
    if (scales.length != shifts.length || scales.length == 0) {
      throw mismatch("shifts", Math.max(scales.length, 1) + " values", shifts.length);
    }
    this.scales = scales;
    this.shifts = shifts;
    this.activation = activation;
  }

  @Override
  Shape shape(Shape[] in) {
    int own = in[0].channels * in[0].positions();
    if (scales.length != 1 && scales.length != in[0].channels && scales.length != own) {
      throw mismatch(title(), scales.length + " channels", in[0]);
    }
    return in[0];
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    boolean each = scales.length != 1 && scales.length != in[0].shape.channels;
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < in[0].runs(); i++) {
          float[] x = in[0].run(i);
          float[] y = out.run(i);
          int length = in[0].run();
          if (!out.shape.planes || each) {
            int first = out.shape.planes ? i % out.shape.channels * length : 0;
            apply(x, y, first, length);
          } else {
            int c = scales.length == 1 ? 0 : i % out.shape.channels;
            apply(x, y, scales[c], shifts[c], length);
          }
          if (!activation.isIdentity()) {
            activation.apply(y, 0, length);
          }
        }
      }
    };
  }

  private void apply(float[] x, float[] y, int first, int length) {
    for (int i = 0; i < length; i++) {
      int c = (first + i) % scales.length;
      y[i] = scales[c] * x[i] + shifts[c];
    }
  }

  private static void apply(float[] x, float[] y, float scale, float shift, int length) {
    for (int i = 0; i < length; i++) {
      y[i] = scale * x[i] + shift;
    }
  }

  @Override
  long nonZeros() {
    long count = 0;
    for (float scale : scales) {
      count += scale != 0f ? 1 : 0;
    }
    return count;
  }

  @Override
  long weights() {
    return scales.length;
  }

  @Override
  long macs(Shape[] in, Shape out) {
    return out.length();
  }

  @Override
  String title() {
    return "scale and shift" + (activation.isIdentity() ? "" : ", " + activation.title());
  }
}
