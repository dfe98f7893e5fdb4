package io.github.dl4jpruning.examples.data;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Images of 28×28 pixels and what they show.
 *
 * @param images one row-major image each, a byte per pixel, 0 (black) to 255
 * @param labels one class each, 0 to 9
 */
@SuppressWarnings("ArrayRecordComponent") // large, shared and never compared
public record Digits(byte[][] images, byte[] labels) {

  /** Pixels along one side. */
  public static final int SIDE = 28;

  /** Pixels of an image. */
  public static final int PIXELS = SIDE * SIDE;

  /** Number of classes. */
  public static final int CLASSES = 10;

  /**
   * The number of images.
   *
   * @return the size
   */
  public int size() {
    return labels.length;
  }

  /**
   * Some of the images.
   *
   * @param positions which positions to take
   * @return those images, in the same order
   */
  public Digits where(IntPredicate positions) {
    int[] taken = IntStream.range(0, size()).filter(positions).toArray();
    byte[][] someImages = new byte[taken.length][];
    byte[] someLabels = new byte[taken.length];
    for (int i = 0; i < taken.length; i++) {
      someImages[i] = images[taken[i]];
      someLabels[i] = labels[taken[i]];
    }
    return new Digits(someImages, someLabels);
  }
}
