package io.github.dl4jpruning.data;

import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images with one byte for each value, as the network reads them.
 *
 * @param pixels gives an image as channels × height × width
 * @param labels the class of each image
 * @param classes the names of the classes
 * @param outputs 1 if the network tells two classes by one output, the number of classes otherwise
 * @param form the size of the images, and the shape of the network's input
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
record PixelSamples(
    IntFunction<byte[]> pixels, int[] labels, List<String> classes, int outputs, Form form)
    implements Samples {

  /** Red and blue change places if a network expects red first. */
  private static final int COLOURS = 3;

  /**
   * The form of an image.
   *
   * @param channels 1 for grey, 3 for colour
   * @param redFirst whether the network reads red first, as Keras does; DataVec gives blue first
   * @param type the type of the network's input
   */
  record Form(int channels, int height, int width, boolean redFirst, InputType type) {

    int values() {
      return channels * height * width;
    }

    /** Returns the shape of a batch. */
    long[] shape(int images) {
      if (!(type instanceof InputType.InputTypeConvolutional volume)) {
        return new long[] {images, values()};
      }
      return volume.getFormat() == CNN2DFormat.NHWC
          ? new long[] {images, height, width, channels}
          : new long[] {images, channels, height, width};
    }

    private boolean channelsLast() {
      return type instanceof InputType.InputTypeConvolutional volume
          && volume.getFormat() == CNN2DFormat.NHWC;
    }

    void put(byte[] image, float[] values, int at) {
      int area = height * width;
      for (int c = 0; c < channels; c++) {
        int from = (redFirst && channels == COLOURS ? COLOURS - 1 - c : c) * area;
        for (int p = 0; p < area; p++) {
          int to = channelsLast() ? p * channels + c : c * area + p;
          values[at + to] = image[from + p] & 0xFF;
        }
      }
    }
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public DataSet read(int... positions) {
    float[] values = new float[positions.length * form.values()];
    float[] wanted = new float[positions.length * outputs];
    for (int i = 0; i < positions.length; i++) {
      form.put(pixels.apply(positions[i]), values, i * form.values());
      int label = labels[positions[i]];
      if (outputs == 1) {
        wanted[i] = label;
      } else {
        wanted[i * outputs + label] = 1f;
      }
    }
    INDArray features = Nd4j.createFromArray(values).reshape(form.shape(positions.length));
    return new DataSet(features, Nd4j.createFromArray(wanted).reshape(positions.length, outputs));
  }

  @Override
  public String title() {
    return String.format(
        Locale.ROOT,
        "%,d images of %d classes, read as %d×%d %s",
        size(),
        classes.size(),
        form.width(),
        form.height(),
        form.channels() == 1 ? "grey" : "colour");
  }
}
