package io.github.dl4jpruning.runtime;

/**
 * The layout of a plane for a convolution: with zeros around it, and split by strides, so that one
 * place of the kernel reads one contiguous run of numbers for all outputs. A run spans the whole
 * width of the plane: between the rows of the output it contains unused numbers, which costs less
 * than skipping them.
 */
final class Layout {

  /** Below this length, a loop copies faster than {@code System.arraycopy}. */
  private static final int SHORT = 12;

  private static final long MOST = 1 << 28;

  /** The number of planes that each input plane is split into: one for each stride remainder. */
  final int phases;

  /** The number of elements of such a plane. */
  final int size;

  /** The number of elements of a run. */
  final int run;

  private final Window window;
  private final Shape in;
  private final Shape out;
  private final int[] zeros = new int[3];

  /** The sizes of a split plane. */
  private final int[] sizes = new int[3];

  private final boolean plain;

  /** A double, since it may exceed the length of an array. */
  private final double elements;

  Layout(Window window, Shape in, Shape out) {
    this.window = window;
    this.in = in;
    this.out = out;
    int[] lengths = {in.depth, in.height, in.width};
    int[] outputs = {out.depth, out.height, out.width};
    boolean asIs = true;
    for (int a = 0; a < 3; a++) {
      zeros[a] = window.zerosBefore(a, lengths[a]);
      int stride = window.stride[a];
      // Reaches the last place of the kernel at the last output.
      int reach = (window.size[a] - 1) * window.dilation[a] / stride + outputs[a];
      int own = stride == 1 && zeros[a] == 0 ? lengths[a] : 0;
      sizes[a] = Math.max(reach, own);
      asIs &= stride == 1 && zeros[a] == 0 && sizes[a] == lengths[a];
    }
    this.plain = asIs;
    this.phases = window.stride[0] * window.stride[1] * window.stride[2];
    double whole = ((out.depth - 1.0) * sizes[1] + out.height - 1.0) * sizes[2] + out.width;
    this.run = (int) whole; // requireFitting has checked that it fits
    this.elements = (double) sizes[0] * sizes[1] * sizes[2];
    this.size = (int) elements;
  }

  /**
   * Checks that the planes are not too large with their borders.
   *
   * @throws ModelException if they are
   */
  void requireFitting() {
    if (elements * phases * in.channels > MOST) {
      throw new ModelException(
          "expected at most " + MOST + " elements with their borders, but found " + elements);
    }
  }

  /** Returns whether planes can be read without a copy. */
  boolean isPlain() {
    return plain;
  }

  private int[] split(int place) {
    int x = place % window.size[2];
    int y = place / window.size[2] % window.size[1];
    int z = place / window.size[2] / window.size[1];
    return new int[] {z * window.dilation[0], y * window.dilation[1], x * window.dilation[2]};
  }

  /** Returns which of the split planes a place of the kernel reads. */
  int phase(int place) {
    int[] at = split(place);
    int[] stride = window.stride;
    return (at[0] % stride[0] * stride[1] + at[1] % stride[1]) * stride[2] + at[2] % stride[2];
  }

  /** Returns where its run begins in that plane. */
  int offset(int place) {
    int[] at = split(place);
    int[] stride = window.stride;
    return (at[0] / stride[0] * sizes[1] + at[1] / stride[1]) * sizes[2] + at[2] / stride[2];
  }

  /**
   * Copies one phase of a plane: the positions with its stride remainders. Elements beyond the
   * border keep their initial zeros.
   */
  void lay(float[] plane, int phase, float[] laid) {
    int[] stride = window.stride;
    int phaseX = phase % stride[2];
    int phaseY = phase / stride[2] % stride[1];
    int phaseZ = phase / stride[2] / stride[1];
    int firstX = first(2, phaseX);
    int endX = end(2, phaseX, in.width);
    for (int z = first(0, phaseZ); z < end(0, phaseZ, in.depth); z++) {
      int fromZ = z * stride[0] + phaseZ - zeros[0];
      for (int y = first(1, phaseY); y < end(1, phaseY, in.height); y++) {
        int fromY = y * stride[1] + phaseY - zeros[1];
        int from = (fromZ * in.height + fromY) * in.width + phaseX - zeros[2];
        int to = (z * sizes[1] + y) * sizes[2];
        if (stride[2] == 1) {
          copy(plane, from + firstX, laid, to + firstX, endX - firstX);
        } else {
          pickOut(plane, from, stride[2], laid, to, firstX, endX);
        }
      }
    }
  }

  /** Returns the first position of a phase within the plane. */
  private int first(int axis, int phase) {
    int stride = window.stride[axis];
    return Math.max(0, (zeros[axis] - phase + stride - 1) / stride);
  }

  /** Returns the end (exclusive) of the positions of a phase within the plane. */
  private int end(int axis, int phase, int length) {
    int stride = window.stride[axis];
    int behind = (length + zeros[axis] - phase + stride - 1) / stride;
    return Math.min(sizes[axis], Math.max(0, behind));
  }

  private static void pickOut(
      float[] plane, int from, int stride, float[] laid, int to, int first, int end) {
    for (int x = first, at = from + first * stride; x < end; x++, at += stride) {
      laid[to + x] = plane[at];
    }
  }

  /** Copies the elements of a piece of a run that belong to the output. */
  void pick(float[] sum, int from, int length, float[] plane) {
    if (sizes[2] == out.width && (out.depth == 1 || sizes[1] == out.height)) {
      System.arraycopy(sum, 0, plane, from, length);
      return;
    }
    int end = from + length;
    for (int z = 0; z < out.depth; z++) {
      for (int y = 0; y < out.height; y++) {
        int begin = (z * sizes[1] + y) * sizes[2];
        int first = Math.max(begin, from);
        int last = Math.min(begin + out.width, end);
        if (first < last) {
          int to = (z * out.height + y) * out.width + first - begin;
          copy(sum, first - from, plane, to, last - first);
        }
      }
    }
  }

  /** Copies a row; a loop is faster for short rows. */
  private static void copy(float[] source, int from, float[] target, int to, int length) {
    if (length < SHORT) {
      for (int i = 0; i < length; i++) {
        target[to + i] = source[from + i];
      }
    } else {
      System.arraycopy(source, from, target, to, length);
    }
  }
}
