package io.github.dl4jpruning.examples.data;

import java.util.Random;

/**
 * Small random changes to training images, different in each epoch, that keep their class:
 * mirroring with probability ½, and a shift by up to some pixels along each axis, padded with black
 * (the scheme of K. He et al., 2015, arXiv 1512.03385, section 4.2).
 *
 * @param flip whether images may be mirrored
 * @param shift the largest shift along an axis, in pixels, at least 0
 */
public record Augmentation(boolean flip, int shift) {

  /** Leaves all images unchanged. */
  public static final Augmentation NONE = new Augmentation(false, 0);

  /** Mirrors, and shifts by up to four pixels. */
  public static final Augmentation FLIP_AND_SHIFT = new Augmentation(true, 4);

  /** Checks the shift. */
  public Augmentation {
    if (shift < 0) {
      throw new IllegalArgumentException("shift must be 0 or more, but is " + shift);
    }
  }

  /**
   * Changes an image.
   *
   * @param image the image, which is not modified
   * @param format its format
   * @param random the source of the three numbers that are drawn
   * @return the changed image
   */
  byte[] apply(byte[] image, ImageFormat format, Random random) {
    boolean mirror = random.nextBoolean() && flip;
    int down = random.nextInt(2 * shift + 1) - shift;
    int right = random.nextInt(2 * shift + 1) - shift;
    return moved(image, format, mirror, down, right);
  }

  /** Mirrors an image, and then shifts it. */
  static byte[] moved(byte[] image, ImageFormat format, boolean mirror, int down, int right) {
    int side = format.side();
    byte[] result = new byte[image.length];
    byte[] line = new byte[side];
    int length = side - Math.abs(right);
    if (length <= 0) {
      return result;
    }
    for (int channel = 0; channel < format.channels(); channel++) {
      int plane = channel * side * side;
      for (int row = Math.max(0, down); row < Math.min(side, side + down); row++) {
        int from = plane + (row - down) * side;
        for (int x = 0; x < side; x++) {
          line[x] = image[from + (mirror ? side - 1 - x : x)];
        }
        System.arraycopy(
            line, Math.max(0, -right), result, plane + row * side + Math.max(0, right), length);
      }
    }
    return result;
  }

  /** Returns whether no image is ever changed. */
  boolean isNone() {
    return !flip && shift == 0;
  }
}
