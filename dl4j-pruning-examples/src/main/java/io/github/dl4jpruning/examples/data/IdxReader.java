package io.github.dl4jpruning.examples.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.util.zip.GZIPInputStream;

/**
 * Reads digits from files in MNIST's IDX format, and refuses anything else.
 *
 * <p>An images file is: magic number 2051, count, rows, columns (each a big-endian int), then one
 * byte per pixel. A labels file is: magic number 2049, count, then one byte per label.
 */
final class IdxReader {

  private static final int IMAGES_MAGIC = 2051;
  private static final int LABELS_MAGIC = 2049;

  /** More than any known data set of this format; keeps a broken header from filling the memory. */
  private static final int MOST = 1_000_000;

  private final String name;
  private final DataInputStream in;

  private IdxReader(String name, InputStream in) {
    this.name = name;
    this.in = new DataInputStream(in);
  }

  /**
   * Reads a pair of files.
   *
   * @throws IOException if one of them is invalid; the message names the file, what was expected
   *     and what was found
   */
  static Images read(DigitFile images, DigitFile labels) throws IOException {
    byte[][] pixels = images.read(reader -> reader.images());
    byte[] classes = labels.read(reader -> reader.labels());
    if (pixels.length != classes.length) {
      throw new IOException(
          labels.name()
              + ": expected "
              + pixels.length
              + " labels, as many as there are images in "
              + images.name()
              + ", but found "
              + classes.length);
    }
    return new Images(ImageFormat.MNIST, pixels, classes);
  }

  /** A file or a resource. */
  record DigitFile(String name, Opener opener, boolean gzipped) {

    interface Opener {
      InputStream open() throws IOException;
    }

    interface Content<T> {
      T from(IdxReader reader) throws IOException;
    }

    <T> T read(Content<T> content) throws IOException {
      try (InputStream raw = opener.open();
          InputStream plain = gzipped ? new GZIPInputStream(raw, 1 << 16) : raw) {
        IdxReader reader = new IdxReader(name, plain);
        T result = content.from(reader);
        reader.expectEnd();
        return result;
      } catch (EOFException e) {
        throw new IOException(name + ": the file is truncated", e);
      } catch (java.util.zip.ZipException e) {
        throw new IOException(name + ": expected a gzip file, but " + e.getMessage(), e);
      } catch (FileSystemException e) {
        throw new IOException(
            name + ": expected a file to read, but found " + e.getClass().getSimpleName(), e);
      } catch (IOException e) {
        if (String.valueOf(e.getMessage()).startsWith(name)) {
          throw e;
        }
        throw new IOException(name + ": expected a file to read, but found " + e.getMessage(), e);
      }
    }
  }

  private byte[][] images() throws IOException {
    expect("magic number of an images file", IMAGES_MAGIC, in.readInt());
    int count = count();
    expect("rows", ImageFormat.MNIST.side(), in.readInt());
    expect("columns", ImageFormat.MNIST.side(), in.readInt());
    byte[][] images = new byte[count][];
    for (int i = 0; i < count; i++) {
      images[i] = in.readNBytes(ImageFormat.MNIST.values());
      if (images[i].length < ImageFormat.MNIST.values()) {
        throw new IOException(
            name
                + ": expected "
                + count
                + " images, but the file ends in the one at position "
                + i);
      }
    }
    return images;
  }

  private byte[] labels() throws IOException {
    expect("magic number of a labels file", LABELS_MAGIC, in.readInt());
    int count = count();
    byte[] labels = in.readNBytes(count);
    if (labels.length < count) {
      throw new IOException(
          name + ": expected " + count + " labels, but the file ends after " + labels.length);
    }
    for (int i = 0; i < count; i++) {
      int label = labels[i] & 0xFF;
      if (label >= ImageFormat.MNIST.classes().size()) {
        throw new IOException(
            name + ": expected labels from 0 to 9, but the one at position " + i + " is " + label);
      }
    }
    return labels;
  }

  private int count() throws IOException {
    int count = in.readInt();
    if (count < 1 || count > MOST) {
      throw new IOException(name + ": expected a count from 1 to " + MOST + ", but found " + count);
    }
    return count;
  }

  private void expect(String what, int expected, int found) throws IOException {
    if (found != expected) {
      throw new IOException(name + ": expected " + what + " " + expected + ", but found " + found);
    }
  }

  private void expectEnd() throws IOException {
    if (in.read() >= 0) {
      throw new IOException(name + ": there are more bytes than the count in the header says");
    }
  }
}
