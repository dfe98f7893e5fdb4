package io.github.dl4jpruning.examples.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The format that all images of a data set share.
 *
 * @param channels 1 for grey, 3 for colour
 * @param side pixels along one side; images are square
 * @param classes the names of the classes; a label is a position in this list
 */
public record ImageFormat(int channels, int side, List<String> classes) {

  /** MNIST, and data sets in its format: ten classes of grey images of 28×28 pixels. */
  public static final ImageFormat MNIST =
      new ImageFormat(1, 28, IntStream.range(0, 10).mapToObj(String::valueOf).toList());

  /** A label is one byte. */
  static final int MOST_CLASSES = 127;

  /** Copies the list. */
  public ImageFormat {
    classes = List.copyOf(classes);
  }

  /**
   * Returns the number of values in an image.
   *
   * @return channels · side²
   */
  public int values() {
    return channels * side * side;
  }

  /**
   * Returns the shape of the features of a batch.
   *
   * @param images the batch size n
   * @return [n, side²] for grey images, as perceptrons read them, and [n, channels, side, side] for
   *     others
   */
  public long[] shape(int images) {
    return channels == 1
        ? new long[] {images, values()}
        : new long[] {images, channels, side, side};
  }
}
