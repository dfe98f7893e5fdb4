package io.github.dl4jpruning.runtime;

/** The maximum, the mean, the sum or the p-norm of a window, channel by channel. */
final class Pooling extends Operation {

  static final int MAX = 0;

  /** The mean of the positions within the border. */
  static final int AVERAGE = 1;

  /** The mean that also counts zeros beyond the border. */
  static final int AVERAGE_WITH_ZEROS = 2;

  static final int SUM = 3;
  static final int NORM = 4;

  static final String[] NAMES = {"max", "average", "average", "sum", "p-norm"};

  private final int kind;
  private final float p;
  private final Window window;

  Pooling(int kind, float p, Window window) {
    if (kind < MAX || kind > NORM) {
      throw new ModelException("expected a pooling code from 0 to 4, but found " + kind);
    }
    this.kind = kind;
    this.p = p;
    this.window = window;
  }

  @Override
  Shape shape(Shape[] in) {
    requirePlanes(title(), in[0]);
    return window.shape(in[0], in[0].channels);
  }

  @Override
  boolean isStepwise() {
    return false;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    Shape from = in[0].shape;
    if (kind == MAX && isPairs(from, out.shape)) {
      return pairs(in[0], out);
    }
    int[][] ranges = {
      ranges(0, from.depth, out.shape.depth),
      ranges(1, from.height, out.shape.height),
      ranges(2, from.width, out.shape.width)
    };
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < out.planes.length; i++) {
          pool(ranges, from, in[0].planes[i], out.shape, out.planes[i]);
        }
      }
    };
  }

  /** Returns whether this is the most common pooling: 2×2 with stride 2, without a border. */
  private boolean isPairs(Shape from, Shape to) {
    boolean image = window.size[0] == 1 && window.size[1] == 2 && window.size[2] == 2;
    boolean apart =
        window.stride[1] == 2 && window.stride[2] == 2 && from.depth == 1 && to.depth == 1;
    boolean dense = window.dilation[1] == 1 && window.dilation[2] == 1;
    boolean unpadded =
        window.zerosBefore(1, from.height) == 0
            && window.zerosBefore(2, from.width) == 0
            && 2 * to.height <= from.height
            && 2 * to.width <= from.width;
    return image && apart && dense && unpadded;
  }

  private static Kernel pairs(Value in, Value out) {
    int width = in.shape.width;
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < out.planes.length; i++) {
          float[] x = in.planes[i];
          float[] y = out.planes[i];
          int to = 0;
          for (int row = 0; row < out.shape.height; row++) {
            int at = 2 * row * width;
            for (int column = 0; column < out.shape.width; column++, at += 2) {
              float upper = Math.max(x[at], x[at + 1]);
              float lower = Math.max(x[at + width], x[at + width + 1]);
              y[to++] = Math.max(upper, lower);
            }
          }
        }
      }
    };
  }

  /**
   * Returns three numbers for each output along an axis: the first input position within the
   * border, the number of places of the kernel within the border, and the dilation.
   */
  private int[] ranges(int axis, int length, int outputs) {
    int[] ranges = new int[3 * outputs];
    for (int o = 0; o < outputs; o++) {
      int begin = o * window.stride[axis] - window.zerosBefore(axis, length);
      int first = 0;
      int last = window.size[axis];
      while (first < last && begin + first * window.dilation[axis] < 0) {
        first++;
      }
      while (last > first && begin + (last - 1) * window.dilation[axis] >= length) {
        last--;
      }
      ranges[3 * o] = begin + first * window.dilation[axis];
      ranges[3 * o + 1] = last - first;
      ranges[3 * o + 2] = window.dilation[axis];
    }
    return ranges;
  }

  private void pool(int[][] ranges, Shape from, float[] x, Shape to, float[] y) {
    int at = 0;
    for (int z = 0; z < to.depth; z++) {
      for (int row = 0; row < to.height; row++) {
        for (int column = 0; column < to.width; column++) {
          y[at++] = pool(ranges, z, row, column, from, x);
        }
      }
    }
  }

  private float pool(int[][] ranges, int z, int row, int column, Shape from, float[] x) {
    int counts = ranges[0][3 * z + 1] * ranges[1][3 * row + 1] * ranges[2][3 * column + 1];
    float result = kind == MAX ? Float.NEGATIVE_INFINITY : 0f;
    for (int d = 0; d < ranges[0][3 * z + 1]; d++) {
      int inZ = ranges[0][3 * z] + d * ranges[0][3 * z + 2];
      for (int h = 0; h < ranges[1][3 * row + 1]; h++) {
        int inY = ranges[1][3 * row] + h * ranges[1][3 * row + 2];
        int line = (inZ * from.height + inY) * from.width + ranges[2][3 * column];
        for (int w = 0; w < ranges[2][3 * column + 1]; w++) {
          result = add(result, x[line + w * ranges[2][3 * column + 2]]);
        }
      }
    }
    return finish(result, kind == AVERAGE_WITH_ZEROS ? window.places() : counts);
  }

  private float add(float result, float x) {
    if (kind == MAX) {
      return Math.max(result, x);
    }
    return result + (kind == NORM ? (float) Math.pow(Math.abs(x), p) : x);
  }

  private float finish(float result, int count) {
    switch (kind) {
      case AVERAGE:
      case AVERAGE_WITH_ZEROS:
        return count == 0 ? 0f : result / count;
      case NORM:
        return (float) Math.pow(result, 1.0 / p);
      default:
        return result;
    }
  }

  @Override
  String title() {
    return NAMES[kind] + " pooling " + window;
  }
}
