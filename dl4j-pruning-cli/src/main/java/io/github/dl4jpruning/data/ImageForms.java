package io.github.dl4jpruning.data;

import io.github.dl4jpruning.models.NetworkForm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.datavec.image.loader.NativeImageLoader;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** Finds out in which size a network reads images. */
final class ImageForms {

  private static final int COLOURS = 3;

  private ImageForms() {}

  /** Returns the form for images that can be scaled. */
  static PixelSamples.Form of(NetworkForm form, Path first, boolean redFirst) throws IOException {
    InputType type = form.input();
    if (type instanceof InputType.InputTypeConvolutional open && open.getHeight() == 0) {
      try (InputStream in = Files.newInputStream(first)) {
        long[] shape = new NativeImageLoader().asMatrix(in).shape();
        type = form.withImages(shape[2], shape[3]).input();
      } catch (IOException | RuntimeException e) { // the library throws various exceptions
        throw new IOException(first + ": expected an image, but it cannot be read", e);
      }
    }
    return form(first, type, redFirst);
  }

  /** Returns the form for images of a given size. */
  static PixelSamples.Form of(NetworkForm form, Path file, int[] sizes) throws IOException {
    if (sizes.length != COLOURS) {
      throw new IOException(file + ": expected images, but found sizes " + Arrays.toString(sizes));
    }
    InputType type = form.withImages(sizes[1], sizes[2]).input();
    PixelSamples.Form size = form(file, type, false);
    if (size.channels() != 1 || size.height() != sizes[1] || size.width() != sizes[2]) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected images of %d×%d with %d channels, as the model reads them, but found"
                  + " %d×%d with 1",
              file,
              size.width(),
              size.height(),
              size.channels(),
              sizes[2],
              sizes[1]));
    }
    return size;
  }

  private static PixelSamples.Form form(Path file, InputType type, boolean redFirst) {
    if (type instanceof InputType.InputTypeConvolutional volume) {
      return new PixelSamples.Form(
          (int) volume.getChannels(),
          (int) volume.getHeight(),
          (int) volume.getWidth(),
          redFirst,
          type);
    } else if (type instanceof InputType.InputTypeConvolutionalFlat flat) {
      return new PixelSamples.Form(
          (int) flat.getDepth(), (int) flat.getHeight(), (int) flat.getWidth(), redFirst, type);
    } else if (type instanceof InputType.InputTypeFeedForward vector) {
      for (int channels : new int[] {1, COLOURS}) {
        int side = (int) Math.round(Math.sqrt((double) vector.getSize() / channels));
        if ((long) channels * side * side == vector.getSize()) {
          return new PixelSamples.Form(channels, side, side, redFirst, type);
        }
      }
      throw new IllegalArgumentException(
          file
              + ": expected a model that reads square images, but it has "
              + vector.getSize()
              + " inputs; give their shape with --input, as height x width x channels");
    }
    throw new IllegalArgumentException(
        file + ": expected a model that reads images, but found one for " + type);
  }
}
