package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/**
 * Changes the positions of planes: adds zeros around them or cuts their borders, repeats each
 * position, or puts zeros between positions.
 */
final class Resample extends Operation {

  /** Numbers: zeros in front and at the end of each axis; negative numbers cut positions off. */
  static final int BORDER = 0;

  /** Numbers: the repetitions along each axis. */
  static final int REPEAT = 1;

  /** Numbers: the new distance between positions along each axis. */
  static final int SPREAD = 2;

  private static final String[] NAMES = {"border", "repetition of positions", "zeros in between"};
  private static final int MOST = 1 << 20;

  private final int kind;
  private final int[] numbers;

  Resample(int kind, int[] numbers) {
    if (kind < BORDER || kind > SPREAD) {
      throw new ModelException(
          "expected a code from 0 to 2 for an operation on positions, but found " + kind);
    }
    int needed = kind == BORDER ? 6 : 3;
    if (numbers.length != needed) {
      throw mismatch(NAMES[kind], needed + " numbers", numbers.length);
    }
    for (int number : numbers) {
      if (Math.abs((long) number) > MOST || (kind != BORDER && number < 1)) {
        throw mismatch(NAMES[kind], "numbers up to " + MOST, number);
      }
    }
    this.kind = kind;
    this.numbers = numbers;
  }

  private int length(int axis, int length) {
    switch (kind) {
      case BORDER:
        return length + numbers[2 * axis] + numbers[2 * axis + 1];
      case REPEAT:
        return Math.multiplyExact(length, numbers[axis]);
      default:
        return Math.multiplyExact(length - 1, numbers[axis]) + 1;
    }
  }

  /** Returns the input position for an output position along an axis; −1 for zero. */
  private int source(int axis, int output, int length) {
    switch (kind) {
      case BORDER:
        int at = output - numbers[2 * axis];
        return at < length ? Math.max(at, -1) : -1;
      case REPEAT:
        return output / numbers[axis];
      default:
        return output % numbers[axis] == 0 ? output / numbers[axis] : -1;
    }
  }

  @Override
  Shape shape(Shape[] in) {
    requirePlanes(title(), in[0]);
    return Shape.volumes(
        in[0].items,
        in[0].channels,
        length(0, in[0].depth),
        length(1, in[0].height),
        length(2, in[0].width));
  }

  @Override
  boolean isStepwise() {
    return false;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    Shape from = in[0].shape;
    int[] sources = new int[out.shape.positions()];
    int at = 0;
    for (int z = 0; z < out.shape.depth; z++) {
      int inZ = source(0, z, from.depth);
      for (int y = 0; y < out.shape.height; y++) {
        int inY = source(1, y, from.height);
        for (int x = 0; x < out.shape.width; x++) {
          int inX = source(2, x, from.width);
          boolean inside = inX >= 0 && inY >= 0 && inZ >= 0;
          sources[at++] = inside ? (inZ * from.height + inY) * from.width + inX : -1;
        }
      }
    }
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < out.planes.length; i++) {
          float[] x = in[0].planes[i];
          float[] y = out.planes[i];
          for (int p = 0; p < sources.length; p++) {
            y[p] = sources[p] < 0 ? 0f : x[sources[p]];
          }
        }
      }
    };
  }

  @Override
  String title() {
    return NAMES[kind] + " " + Arrays.toString(numbers);
  }
}
