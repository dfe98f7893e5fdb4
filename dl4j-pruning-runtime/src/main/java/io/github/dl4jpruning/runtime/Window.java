package io.github.dl4jpruning.runtime;

/**
 * The window of a kernel along the three axes depth, height and width: its size, its stride, its
 * dilation, and the zeros that it reads beyond the border.
 */
final class Window {

  /** The count of numbers of a window in a file. */
  static final int LENGTH = 16;

  /** The numbers give the zeros at each side. */
  static final int EXPLICIT = 0;

  /**
   * An output of ⌈input length / stride⌉, with half of the zeros at each side and an odd one at the
   * end.
   */
  static final int SAME = 1;

  /** Zeros only in front, so that no output reads later positions. */
  static final int CAUSAL = 2;

  private static final int MOST = 1 << 12;

  private static final int MOST_PLACES = 1 << 20;

  private static final int AXES = 3;

  final int[] size = new int[AXES];
  final int[] stride = new int[AXES];
  final int[] dilation = new int[AXES];
  private final int[] before = new int[AXES];
  private final int[] behind = new int[AXES];
  private final int mode;

  /**
   * Reads a window.
   *
   * @param numbers sizes, strides, dilations, zeros in front, zeros at the end (three each), and
   *     the mode
   * @param at the index of the first number
   */
  Window(int[] numbers, int at) {
    if (numbers.length < at + LENGTH) {
      throw new ModelException(
          "expected " + (at + LENGTH) + " numbers of a window, but found " + numbers.length);
    }
    for (int a = 0; a < AXES; a++) {
      size[a] = within(numbers[at + a], 1, "a kernel size");
      stride[a] = within(numbers[at + AXES + a], 1, "a stride");
      dilation[a] = within(numbers[at + 2 * AXES + a], 1, "a dilation");
      before[a] = within(numbers[at + 3 * AXES + a], 0, "a padding");
      behind[a] = within(numbers[at + 4 * AXES + a], 0, "a padding");
    }
    this.mode = numbers[at + LENGTH - 1];
    if (mode < EXPLICIT || mode > CAUSAL) {
      throw new ModelException("expected a mode of 0 to 2, but found " + mode);
    }
    if ((double) size[0] * size[1] * size[2] > MOST_PLACES
        || (double) stride[0] * stride[1] * stride[2] > MOST_PLACES) {
      throw new ModelException(
          "expected a kernel and strides of at most " + MOST_PLACES + " places");
    }
  }

  private static int within(int value, int least, String what) {
    if (value < least || value > MOST) {
      throw new ModelException(
          "expected " + what + " of " + least + " to " + MOST + ", but found " + value);
    }
    return value;
  }

  /** Returns the number of places of the kernel. */
  int places() {
    return size[0] * size[1] * size[2];
  }

  private int extent(int axis) {
    long extent = (long) (size[axis] - 1) * dilation[axis] + 1;
    return (int) Math.min(extent, Integer.MAX_VALUE / 4);
  }

  /** Returns the number of zeros in front of an axis of this length. */
  int zerosBefore(int axis, int length) {
    if (mode == EXPLICIT) {
      return before[axis];
    }
    if (mode == CAUSAL) {
      return extent(axis) - 1;
    }
    long total = (long) (output(axis, length) - 1) * stride[axis] + extent(axis) - length;
    return (int) (Math.max(total, 0) / 2);
  }

  /** Returns the number of outputs along an axis of this length. */
  int output(int axis, int length) {
    if (mode == SAME) {
      return (length + stride[axis] - 1) / stride[axis];
    }
    long padded =
        mode == CAUSAL
            ? (long) length + extent(axis) - 1
            : (long) length + before[axis] + behind[axis];
    if (padded < extent(axis)) {
      throw new ModelException(
          "expected an input of at least "
              + (extent(axis) - (padded - length))
              + " positions for a kernel of "
              + size[axis]
              + ", but found "
              + length);
    }
    return (int) ((padded - extent(axis)) / stride[axis] + 1);
  }

  /** Returns the output shape. */
  Shape shape(Shape in, int channels) {
    return Shape.volumes(
        in.items, channels, output(0, in.depth), output(1, in.height), output(2, in.width));
  }

  /** Returns whether each output reads only the input at its own position. */
  boolean isPointwise() {
    for (int a = 0; a < AXES; a++) {
      boolean alone = size[a] == 1 && stride[a] == 1;
      if (!alone || (mode == EXPLICIT && before[a] + behind[a] > 0)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (size[0] > 1) {
      text.append(size[0]).append('x');
    }
    if (size[0] > 1 || size[1] > 1) {
      text.append(size[1]).append('x');
    }
    text.append(size[2]);
    if (stride[2] > 1) {
      text.append(" by ").append(stride[2]);
    }
    return text.toString();
  }
}
