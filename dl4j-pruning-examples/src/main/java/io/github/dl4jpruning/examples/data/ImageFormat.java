package io.github.dl4jpruning.examples.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What all images of a set have in common.
 *
 * @param channels 1 for grey, 3 for colours
 * @param side pixels along one side; images are square
 * @param classes what there is to see, by name; a label is a position in this list
 */
public record ImageFormat(int channels, int side, List<String> classes) {

  /** MNIST, and sets in its format: ten classes of grey images of 28×28 pixels. */
  public static final ImageFormat MNIST =
      new ImageFormat(1, 28, IntStream.range(0, 10).mapToObj(String::valueOf).toList());

  /** A label is one byte. */
  static final int MOST_CLASSES = 127;

  /** Keeps the list from being changed. */
  public ImageFormat {
    classes = List.copyOf(classes);
  }

  /**
   * The numbers that an image is made of.
   *
   * @return channels · side²
   */
  public int values() {
    return channels * side * side;
  }

  /**
   * The shape of the features of a batch.
   *
   * @param images the batch size n
   * @return [n, side²] for grey images, as perceptrons take them, and [n, channels, side, side] for
   *     others
   */
  public long[] shape(int images) {
    return channels == 1
        ? new long[] {images, values()}
        : new long[] {images, channels, side, side};
  }
}
