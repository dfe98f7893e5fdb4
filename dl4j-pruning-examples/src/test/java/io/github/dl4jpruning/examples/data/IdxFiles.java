package io.github.dl4jpruning.examples.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes digits in MNIST's format, rightly or wrongly. */
public final class IdxFiles {

  private IdxFiles() {}

  /** The four files, with the first digits of each part of the shipped set. */
  public static Path write(Path folder, int train, int test) throws IOException {
    ImageData shipped = MnistFiles.shipped();
    Images training = every(shipped.train(), train);
    Images testing = every(shipped.test(), test);
    Files.createDirectories(folder);
    Files.write(folder.resolve("train-images-idx3-ubyte"), images(training));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels(training));
    gzip(folder.resolve("t10k-images-idx3-ubyte.gz"), images(testing));
    gzip(folder.resolve("t10k-labels-idx1-ubyte.gz"), labels(testing));
    return folder;
  }

  /** The shipped digits are grouped by class, so a few of them have to come from all over. */
  private static Images every(Images digits, int count) {
    int stride = digits.size() / count;
    return digits.where(i -> i % stride == 0 && i / stride < count);
  }

  static byte[] images(Images digits) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    IdxWriter.writeImages(digits, bytes);
    return bytes.toByteArray();
  }

  static byte[] labels(Images digits) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    IdxWriter.writeLabels(digits, bytes);
    return bytes.toByteArray();
  }

  static void gzip(Path file, byte[] content) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content);
    }
  }
}
