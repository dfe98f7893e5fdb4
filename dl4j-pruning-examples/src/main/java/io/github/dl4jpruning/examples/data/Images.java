package io.github.dl4jpruning.examples.data;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Images and their labels.
 *
 * @param format their size and their classes
 * @param images one array per image, one byte per value, 0 (dark) to 255: channel by channel, each
 *     row by row
 * @param labels one class per image, a position in the format's classes
 */
@SuppressWarnings("ArrayRecordComponent") // large, shared and never compared
public record Images(ImageFormat format, byte[][] images, byte[] labels) {

  /**
   * Returns the number of images.
   *
   * @return the size
   */
  public int size() {
    return labels.length;
  }

  /**
   * Returns the images at some positions.
   *
   * @param positions selects the positions
   * @return those images, in the same order
   */
  public Images where(IntPredicate positions) {
    return at(IntStream.range(0, size()).filter(positions).toArray());
  }

  /**
   * Returns the images at some positions.
   *
   * @param positions the positions, in this order
   * @return those images
   */
  Images at(int[] positions) {
    byte[][] someImages = new byte[positions.length][];
    byte[] someLabels = new byte[positions.length];
    for (int i = 0; i < positions.length; i++) {
      someImages[i] = images[positions[i]];
      someLabels[i] = labels[positions[i]];
    }
    return new Images(format, someImages, someLabels);
  }
}
