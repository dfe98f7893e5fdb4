package io.github.dl4jpruning.examples.data;

import java.util.Random;

/**
 * Small changes to training images, other ones in each epoch, that leave what they show: a mirror
 * image with probability ½, and a shift by up to some pixels along each axis, filled up with black
 * (the scheme of K. He et al., 2015, arXiv 1512.03385, section 4.2).
 *
 * @param flip whether images may be mirrored
 * @param shift the longest way along an axis, in pixels, at least 0
 */
public record Augmentation(boolean flip, int shift) {

  /** Leaves all images as they are. */
  public static final Augmentation NONE = new Augmentation(false, 0);

  /** Mirrors, and shifts by up to four pixels. */
  public static final Augmentation FLIP_AND_SHIFT = new Augmentation(true, 4);

  /** Checks the numbers. */
  public Augmentation {
    if (shift < 0) {
      throw new IllegalArgumentException("shift must be 0 or more, but is " + shift);
    }
  }

  /**
   * Changes an image.
   *
   * @param image the image, left as it is
   * @param format its size
   * @param random decides; three numbers are drawn
   * @return the changed image
   */
  byte[] apply(byte[] image, ImageFormat format, Random random) {
    boolean mirror = random.nextBoolean() && flip;
    int down = random.nextInt(2 * shift + 1) - shift;
    int right = random.nextInt(2 * shift + 1) - shift;
    return moved(image, format, mirror, down, right);
  }

  /** Mirrored first, and then moved. */
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

  /** Whether no image is ever changed. */
  boolean isNone() {
    return !flip && shift == 0;
  }
}
