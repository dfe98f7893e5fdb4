package io.github.dl4jpruning.examples.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes images and labels in the IDX format of MNIST. */
public final class IdxWriter {

  private static final int IMAGES = 2051;
  private static final int LABELS = 2049;

  private IdxWriter() {}

  /**
   * Writes images.
   *
   * @param images grey images
   * @param to the destination; not closed
   * @throws IOException if it cannot be written
   */
  public static void writeImages(Images images, OutputStream to) throws IOException {
    DataOutputStream out = new DataOutputStream(to);
    out.writeInt(IMAGES);
    out.writeInt(images.size());
    out.writeInt(images.format().side());
    out.writeInt(images.format().side());
    for (byte[] image : images.images()) {
      out.write(image);
    }
    out.flush();
  }

  /**
   * Writes the labels of images.
   *
   * @param images the images
   * @param to the destination; not closed
   * @throws IOException if it cannot be written
   */
  public static void writeLabels(Images images, OutputStream to) throws IOException {
    DataOutputStream out = new DataOutputStream(to);
    out.writeInt(LABELS);
    out.writeInt(images.size());
    out.write(images.labels());
    out.flush();
  }
}
