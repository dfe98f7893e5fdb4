package io.github.dl4jpruning.runtime;

/**
 * The size of one sample of a tensor.
 *
 * <p>A tensor has a number of items: the time steps of a sequence, or 1. Each item is a vector of
 * channels, or a volume of planes: depth × height × width positions for each channel. Images have a
 * depth of 1. Sequences that a convolution reads have a depth and a height of 1.
 */
final class Shape {

  /** The most elements of one tensor; keeps all sums of sizes within an int. */
  private static final long MOST = 1 << 28;

  final int items;
  final int channels;
  final int depth;
  final int height;
  final int width;

  /** Whether items are volumes. */
  final boolean planes;

  private Shape(int items, int channels, int depth, int height, int width, boolean planes) {
    if (items < 1 || channels < 1 || depth < 1 || height < 1 || width < 1) {
      throw new ModelException(
          "expected sizes of 1 or more, but found " + text(items, channels, depth, height, width));
    }
    double size = (double) items * channels * depth * height * width;
    if (size > MOST) {
      throw new ModelException(
          "expected at most "
              + MOST
              + " elements of a tensor, but found "
              + text(items, channels, depth, height, width));
    }
    this.items = items;
    this.channels = channels;
    this.depth = depth;
    this.height = height;
    this.width = width;
    this.planes = planes;
  }

  private static String text(int items, int channels, int depth, int height, int width) {
    return items + "x" + channels + "x" + depth + "x" + height + "x" + width;
  }

  static Shape vectors(int items, int channels) {
    return new Shape(items, channels, 1, 1, 1, false);
  }

  static Shape volumes(int items, int channels, int depth, int height, int width) {
    return new Shape(items, channels, depth, height, width, true);
  }

  /** Returns the same shape with another number of channels. */
  Shape withChannels(int other) {
    return new Shape(items, other, depth, height, width, planes);
  }

  Shape withItems(int other) {
    return new Shape(other, channels, depth, height, width, planes);
  }

  /** Returns the number of positions of each channel of an item. */
  int positions() {
    return depth * height * width;
  }

  int length() {
    return items * channels * positions();
  }

  boolean isLike(Shape other) {
    return items == other.items
        && channels == other.channels
        && depth == other.depth
        && height == other.height
        && width == other.width
        && planes == other.planes;
  }

  /**
   * Returns the text for users: channels, then positions; steps come first if there are several.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (items > 1) {
      text.append(items).append(" steps of ");
    }
    text.append(channels);
    if (planes) {
      if (depth > 1) {
        text.append('x').append(depth);
      }
      if (depth > 1 || height > 1) {
        text.append('x').append(height);
      }
      text.append('x').append(width);
    }
    return text.toString();
  }
}
