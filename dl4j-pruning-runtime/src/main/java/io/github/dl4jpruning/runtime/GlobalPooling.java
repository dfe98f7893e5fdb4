package io.github.dl4jpruning.runtime;

/**
 * The maximum, the mean, the sum or the p-norm of each channel: over the positions of planes, or
 * over the steps of a sequence.
 */
final class GlobalPooling extends Operation {

  private final int kind;
  private final float p;
  private final boolean overSteps;

  GlobalPooling(int kind, float p, boolean overSteps) {
    if (kind < Pooling.MAX || kind > Pooling.NORM) {
      throw new ModelException("expected a pooling code from 0 to 4, but found " + kind);
    }
    this.kind = kind;
    this.p = p;
    this.overSteps = overSteps;
  }

  @Override
  Shape shape(Shape[] in) {
    if (overSteps) {
      requireVectors(title(), in[0], in[0].channels);
      return Shape.vectors(1, in[0].channels);
    }
    requirePlanes(title(), in[0]);
    return Shape.vectors(in[0].items, in[0].channels);
  }

  @Override
  boolean isStepwise() {
    return !overSteps;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    Value from = in[0];
    int channels = from.shape.channels;
    return new Kernel() {
      @Override
      void run() {
        if (overSteps) {
          for (int c = 0; c < channels; c++) {
            out.flat[c] = pool(from.flat, c, channels, from.shape.items);
          }
        } else {
          for (int i = 0; i < from.planes.length; i++) {
            out.flat[i] = pool(from.planes[i], 0, 1, from.shape.positions());
          }
        }
      }
    };
  }

  private float pool(float[] x, int from, int stride, int count) {
    double result = kind == Pooling.MAX ? Double.NEGATIVE_INFINITY : 0.0;
    for (int i = 0, at = from; i < count; i++, at += stride) {
      if (kind == Pooling.MAX) {
        result = Math.max(result, x[at]);
      } else {
        result += kind == Pooling.NORM ? Math.pow(Math.abs(x[at]), p) : x[at];
      }
    }
    if (kind == Pooling.NORM) {
      result = Math.pow(result, 1.0 / p);
    } else if (kind == Pooling.AVERAGE || kind == Pooling.AVERAGE_WITH_ZEROS) {
      result /= count;
    }
    return (float) result;
  }

  @Override
  String title() {
    return Pooling.NAMES[kind] + " pooling over all " + (overSteps ? "steps" : "positions");
  }
}
