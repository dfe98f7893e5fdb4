package io.github.dl4jpruning.export;

import java.util.List;

/**
 * The window of a kernel. Each list has numbers for depth, height and width.
 *
 * @param size the size of the kernel
 * @param stride the stride between outputs
 * @param dilation the distance between places of the kernel
 * @param before the zeros in front
 * @param behind the zeros at the end
 * @param mode the mode of padding, which decides whether these zeros are used
 */
public record Window(
    List<Integer> size,
    List<Integer> stride,
    List<Integer> dilation,
    List<Integer> before,
    List<Integer> behind,
    Mode mode) {

  /** The mode of padding: the zeros beyond the border. */
  public enum Mode {
    /** As many zeros as the lists say. */
    EXPLICIT(0),
    /** As many zeros as an output of ⌈input length / stride⌉ positions needs. */
    SAME(1),
    /** Zeros only in front, so that no output reads later positions. */
    CAUSAL(2);

    private final int code;

    Mode(int code) {
      this.code = code;
    }

    /** Returns the code in a runtime file. */
    int code() {
      return code;
    }
  }

  /** Copies the lists. */
  public Window {
    size = List.copyOf(size);
    stride = List.copyOf(stride);
    dilation = List.copyOf(dilation);
    before = List.copyOf(before);
    behind = List.copyOf(behind);
  }

  /**
   * Returns the number of places of the kernel.
   *
   * @return the product of its sizes
   */
  public int places() {
    return size.stream().reduce(1, Math::multiplyExact);
  }

  /** Positions from the first to the last place of the kernel along an axis. */
  private int extent(int axis) {
    return (size.get(axis) - 1) * dilation.get(axis) + 1;
  }

  /**
   * The number of outputs along an axis.
   *
   * @param axis 0 for the depth, 1 for the height, 2 for the width
   * @param length positions of the input
   * @return positions of the output
   */
  public int output(int axis, int length) {
    int step = stride.get(axis);
    return switch (mode) {
      case SAME -> (length + step - 1) / step;
      case CAUSAL -> (length - 1) / step + 1;
      case EXPLICIT -> (length + before.get(axis) + behind.get(axis) - extent(axis)) / step + 1;
    };
  }

  /**
   * The zeros in front of an input.
   *
   * @param axis 0 for the depth, 1 for the height, 2 for the width
   * @param length positions of the input; with a stride of 1 it does not matter
   * @return how many
   */
  public int zerosBefore(int axis, int length) {
    return switch (mode) {
      case SAME -> zeros(axis, length) / 2;
      case CAUSAL -> extent(axis) - 1;
      case EXPLICIT -> before.get(axis);
    };
  }

  /**
   * The zeros behind an input.
   *
   * @param axis 0 for the depth, 1 for the height, 2 for the width
   * @param length positions of the input; with a stride of 1 it does not matter
   * @return how many
   */
  public int zerosBehind(int axis, int length) {
    return switch (mode) {
      case SAME -> zeros(axis, length) - zeros(axis, length) / 2;
      case CAUSAL -> 0;
      case EXPLICIT -> behind.get(axis);
    };
  }

  private int zeros(int axis, int length) {
    return Math.max((output(axis, length) - 1) * stride.get(axis) + extent(axis) - length, 0);
  }

  /**
   * Creates a window from the numbers of a layer with one to three axes, with equal zeros at both
   * sides.
   */
  static Window of(int[] size, int[] stride, int[] dilation, int[] padding, Mode mode) {
    List<Integer> zeros = three(padding, 0);
    return new Window(three(size, 1), three(stride, 1), three(dilation, 1), zeros, zeros, mode);
  }

  /** Returns numbers for three axes, with 1 for axes that a layer does not have. */
  static List<Integer> axes(int... numbers) {
    return three(numbers, 1);
  }

  /** Returns only the first number: the number for the steps of a sequence. */
  static int[] first(int... numbers) {
    return new int[] {numbers[0]};
  }

  /**
   * Expands the numbers of a layer with fewer axes to three; the missing first axes get a default.
   */
  private static List<Integer> three(int[] numbers, int otherwise) {
    return switch (numbers.length) {
      case 1 -> List.of(otherwise, otherwise, numbers[0]);
      case 2 -> List.of(otherwise, numbers[0], numbers[1]);
      default -> List.of(numbers[0], numbers[1], numbers[2]);
    };
  }
}
