package io.github.dl4jpruning.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.datavec.image.loader.NativeImageLoader;
import org.datavec.image.recordreader.ImageRecordReader;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images in one folder per class, in a file system or a zip. DataVec's image reader decodes them:
 * colours are in its order (blue, green, red), and images of another size are scaled.
 *
 * @param folder the folder of the class folders
 * @param classes their names, in order
 */
public record ClassFolders(Path folder, List<String> classes) {

  /** The formats that DataVec's reader can decode, by file extension. */
  private static final List<String> FORMATS =
      Stream.of(NativeImageLoader.ALLOWED_FORMATS)
          .map(end -> end.toLowerCase(Locale.ROOT))
          .distinct()
          .toList();

  private static final float MOST = 255f;

  /** DataVec passes the origin of an image to its listeners; there are none here. */
  private static final URI NOWHERE = URI.create("");

  /** More are rather the names of single images. */
  private static final int MOST_CLASSES = 10_000;

  /** Copies the list. */
  public ClassFolders {
    classes = List.copyOf(classes);
  }

  /**
   * An image file and its class.
   *
   * @param file the file
   * @param label the position of its class
   */
  public record Labelled(Path file, int label) {}

  /**
   * Finds the classes.
   *
   * @param folder the folder of the class folders
   * @return the classes, sorted by name
   * @throws IOException if there is no such folder, or fewer than two classes
   */
  public static ClassFolders of(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          name(folder) + ": expected a folder with one folder per class, but there is none");
    }
    List<String> classes;
    try (Stream<Path> inside = Files.list(folder)) {
      classes =
          inside
              .filter(ClassFolders::isVisible)
              .filter(Files::isDirectory)
              .map(ClassFolders::last)
              .sorted()
              .toList();
    }
    if (classes.size() < 2 || classes.size() > MOST_CLASSES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected 2 to %d folders, one for each class, but found %d",
              name(folder),
              MOST_CLASSES,
              classes.size()));
    }
    return new ClassFolders(folder, classes);
  }

  /** Returns the name of a file or folder. In a zip, names of folders end with a slash. */
  private static String last(Path path) {
    return path.getFileName().toString().replaceFirst("/$", "");
  }

  /** Returns a path for messages, also within a zip. */
  private static String name(Path path) {
    String within = path.toString().replaceFirst("^/(?=.*)", "");
    return path.getFileSystem().equals(FileSystems.getDefault())
        ? path.toString()
        : path.getFileSystem() + ":" + within;
  }

  /**
   * Returns all images, sorted by class and name, so that the order is the same on every machine.
   *
   * @return the files
   * @throws IOException if a class has none
   */
  public List<Labelled> images() throws IOException {
    List<Labelled> all = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      Path of = folder.resolve(classes.get(label));
      int before = all.size();
      try (Stream<Path> inside = Files.list(of)) {
        List<Path> files =
            inside
                .filter(ClassFolders::isVisible)
                .filter(ClassFolders::isImage)
                .sorted(Comparator.comparing(ClassFolders::last))
                .toList();
        for (Path file : files) {
          all.add(new Labelled(file, label));
        }
      }
      if (all.size() == before) {
        throw new IOException(
            name(of)
                + ": expected images ("
                + String.join(", ", FORMATS)
                + "), but there are none");
      }
    }
    return all;
  }

  /**
   * Returns whether a file or folder counts. Names that begin with a dot belong to an editor or the
   * operating system.
   *
   * @param path the path
   * @return false for a name that begins with a dot
   */
  public static boolean isVisible(Path path) {
    return !last(path).startsWith(".");
  }

  static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return FORMATS.stream().anyMatch(end -> name.endsWith("." + end));
  }

  /** Decodes images, and scales them to one size. */
  public static final class Decoder {
    private final ImageRecordReader reader;

    /**
     * Makes a decoder.
     *
     * @param height the height of the result in pixels
     * @param width its width
     * @param channels 1 for grey, 3 for colour
     */
    public Decoder(int height, int width, int channels) {
      reader = new ImageRecordReader(height, width, channels);
    }

    /**
     * Decodes an image.
     *
     * @param file the file
     * @return channels × height × width, colours in the order blue, green, red
     * @throws IOException if it cannot be read; the message names it
     */
    public byte[] decode(Path file) throws IOException {
      try (InputStream in = Files.newInputStream(file);
          DataInputStream data = new DataInputStream(in)) {
        Writable decoded = reader.record(NOWHERE, data).get(0);
        return bytes(((NDArrayWritable) decoded).get());
      } catch (IOException | RuntimeException e) {
        throw new IOException(
            name(file) + ": expected an image, but it cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Converts an image to bytes.
   *
   * @param values numbers from 0 to 255
   * @return one byte for each value
   * @throws IOException if a number is above 255: a 16-bit image would keep only its noise
   */
  public static byte[] bytes(INDArray values) throws IOException {
    float[] floats = values.reshape(values.length()).toFloatVector();
    byte[] bytes = new byte[floats.length];
    for (int i = 0; i < bytes.length; i++) {
      if (floats[i] > MOST) {
        throw new IOException("it has more than 8 bits per channel, with a value of " + floats[i]);
      }
      bytes[i] = (byte) Math.round(floats[i]);
    }
    return bytes;
  }
}
