package io.github.dl4jpruning.runtime;

/**
 * How a plane is laid out for a convolution: with zeros around it, and taken apart by strides, so
 * that what one place of the kernel reads at all outputs is one run of numbers. A run goes over the
 * whole width of the plane: between the rows of the output it holds numbers that nobody needs,
 * which costs less than to leave them out.
 */
final class Layout {

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
    this.run = ((out.depth - 1) * sizes[1] + out.height - 1) * sizes[2] + out.width;
    long elements = (long) sizes[0] * sizes[1] * sizes[2];
    if (elements > 1 << 28) {
      throw new ModelException("expected planes of at most 2^28 elements, but found " + elements);
    }
    this.size = (int) elements;
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

  /** Lays a plane out; what lies beyond its border stays zero from the beginning. */
  void lay(float[] plane, float[][] laid, int first) {
    int[] stride = window.stride;
    for (int z = 0; z < in.depth; z++) {
      int toZ = z + zeros[0];
      for (int y = 0; y < in.height; y++) {
        int toY = y + zeros[1];
        if (toZ / stride[0] >= sizes[0] || toY / stride[1] >= sizes[1]) {
          continue; // no output reads so far
        }
        int phase = first + (toZ % stride[0] * stride[1] + toY % stride[1]) * stride[2];
        int to = (toZ / stride[0] * sizes[1] + toY / stride[1]) * sizes[2];
        int from = (z * in.height + y) * in.width;
        if (stride[2] == 1) {
          int length = Math.min(in.width, sizes[2] - zeros[2]);
          System.arraycopy(plane, from, laid[phase], to + zeros[2], Math.max(length, 0));
        } else {
          spread(plane, from, laid, phase, to);
        }
      }
    }
  }

  private void spread(float[] plane, int from, float[][] laid, int phase, int to) {
    int stride = window.stride[2];
    int end = Math.min(in.width, sizes[2] * stride - zeros[2]);
    for (int x = 0; x < end; x++) {
      int at = x + zeros[2];
      laid[phase + at % stride][to + at / stride] = plane[from + x];
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
    if (length < 12) {
      for (int i = 0; i < length; i++) {
        target[to + i] = source[from + i];
      }
    } else {
      System.arraycopy(source, from, target, to, length);
    }
  }
}
