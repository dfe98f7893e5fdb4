package io.github.dl4jpruning.export;

import java.util.List;

/**
 * How a kernel slides over positions. Each list has numbers for depth, height and width.
 *
 * @param size of the kernel
 * @param stride between outputs
 * @param dilation between places of the kernel
 * @param before zeros in front
 * @param behind zeros behind
 * @param mode whether these zeros count
 */
public record Window(
    List<Integer> size,
    List<Integer> stride,
    List<Integer> dilation,
    List<Integer> before,
    List<Integer> behind,
    Mode mode) {

  /** Where zeros stand beyond the border. */
  public enum Mode {
    /** As many as the lists say. */
    EXPLICIT(0),
    /** So many that the output has ⌈size / stride⌉ positions. */
    SAME(1),
    /** In front only, so that no output sees what follows it. */
    CAUSAL(2);

    private final int code;

    Mode(int code) {
      this.code = code;
    }

    /** Of a runtime file. */
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
   * The number of places of the kernel.
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
   * A window from the numbers of a layer, of one to three axes, with as many zeros at each side.
   */
  static Window of(int[] size, int[] stride, int[] dilation, int[] padding, Mode mode) {
    List<Integer> zeros = three(padding, 0);
    return new Window(three(size, 1), three(stride, 1), three(dilation, 1), zeros, zeros, mode);
  }

  /** Numbers for three axes, 1 for those that a layer does not have. */
  static List<Integer> axes(int... numbers) {
    return three(numbers, 1);
  }

  /** The first number alone: that of the steps of a sequence. */
  static int[] first(int... numbers) {
    return new int[] {numbers[0]};
  }

  /** Numbers for three axes, of which a layer has only the last ones. */
  private static List<Integer> three(int[] numbers, int otherwise) {
    return switch (numbers.length) {
      case 1 -> List.of(otherwise, otherwise, numbers[0]);
      case 2 -> List.of(otherwise, numbers[0], numbers[1]);
      default -> List.of(numbers[0], numbers[1], numbers[2]);
    };
  }
}
