package io.github.dl4jpruning.runtime;

/**
 * How a plane is laid out for a convolution: with zeros around it, and taken apart by strides, so
 * that what one place of the kernel reads at all outputs is one run of numbers. A run goes over the
 * whole width of the plane: between the rows of the output it holds numbers that nobody needs,
 * which costs less than to leave them out.
 */
final class Layout {

  /** Below, a loop copies faster than the system does. */
  private static final int SHORT = 12;

  private static final long MOST = 1 << 28;

  /** Planes that each input plane is taken apart into: one for each remainder of the strides. */
  final int phases;

  /** Elements of such a plane. */
  final int size;

  /** Elements of a run. */
  final int run;

  private final Window window;
  private final Shape in;
  private final Shape out;
  private final int[] zeros = new int[3];

  /** Sizes of a plane that was taken apart. */
  private final int[] sizes = new int[3];

  private final boolean plain;

  /** As a double: it may be more than an array can hold. */
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
      // Far enough for the last place of the kernel at the last output.
      int reach = (window.size[a] - 1) * window.dilation[a] / stride + outputs[a];
      int own = stride == 1 && zeros[a] == 0 ? lengths[a] : 0;
      sizes[a] = Math.max(reach, own);
      asIs &= stride == 1 && zeros[a] == 0 && sizes[a] == lengths[a];
    }
    this.plain = asIs;
    this.phases = window.stride[0] * window.stride[1] * window.stride[2];
    double whole = ((out.depth - 1.0) * sizes[1] + out.height - 1.0) * sizes[2] + out.width;
    this.run = (int) whole; // requireFitting has seen that it is no more
    this.elements = (double) sizes[0] * sizes[1] * sizes[2];
    this.size = (int) elements;
  }

  /**
   * Checks that there is room for what lies around a plane.
   *
   * @throws ModelException if it is too large
   */
  void requireFitting() {
    if (elements * phases * in.channels > MOST) {
      throw new ModelException(
          "expected at most " + MOST + " elements with their borders, but found " + elements);
    }
  }

  /** Whether planes can be read as they are. */
  boolean isPlain() {
    return plain;
  }

  private int[] split(int place) {
    int x = place % window.size[2];
    int y = place / window.size[2] % window.size[1];
    int z = place / window.size[2] / window.size[1];
    return new int[] {z * window.dilation[0], y * window.dilation[1], x * window.dilation[2]};
  }

  /** In which plane of the taken apart ones a place of the kernel reads. */
  int phase(int place) {
    int[] at = split(place);
    int[] stride = window.stride;
    return (at[0] % stride[0] * stride[1] + at[1] % stride[1]) * stride[2] + at[2] % stride[2];
  }

  /** Where in that plane its run begins. */
  int offset(int place) {
    int[] at = split(place);
    int[] stride = window.stride;
    return (at[0] / stride[0] * sizes[1] + at[1] / stride[1]) * sizes[2] + at[2] / stride[2];
  }

  /**
   * Lays one phase of a plane out: the positions that stand where it does after strides. What lies
   * beyond the border stays zero from the beginning.
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

  /** The first position of a phase that lies within the plane. */
  private int first(int axis, int phase) {
    int stride = window.stride[axis];
    return Math.max(0, (zeros[axis] - phase + stride - 1) / stride);
  }

  /** The one behind the last. */
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

  /** Takes from a piece of a run what belongs to the output. */
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

  /** Short rows are copied faster by a loop. */
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
