package io.github.dl4jpruning.examples.data;

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
 * Images in one folder per class, in a file system or in a zip, read by DataVec's image reader:
 * colours in its order (blue, green, red), and an image of another size scaled to the format's.
 *
 * @param folder the folder of the class folders
 * @param classes their names, in order
 */
record ClassFolders(Path folder, List<String> classes) {

  /** What DataVec's reader can decode, by the ends of names. */
  private static final List<String> FORMATS =
      Stream.of(NativeImageLoader.ALLOWED_FORMATS)
          .map(end -> end.toLowerCase(Locale.ROOT))
          .distinct()
          .toList();

  private static final float MOST = 255f;

  /** DataVec tells its listeners, of which there are none, where an image is from. */
  private static final URI NOWHERE = URI.create("");

  /** An image file and its class. */
  record Labelled(Path file, int label) {}

  /**
   * Looks what classes there are.
   *
   * @throws IOException if there is no such folder, or fewer than two classes
   */
  static ClassFolders of(Path folder) throws IOException {
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
    if (classes.size() < 2 || classes.size() > ImageFormat.MOST_CLASSES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected 2 to %d folders, one for each class, but found %d",
              name(folder),
              ImageFormat.MOST_CLASSES,
              classes.size()));
    }
    return new ClassFolders(folder, classes);
  }

  /** A zip has names that end with a slash. */
  private static String last(Path path) {
    return path.getFileName().toString().replaceFirst("/$", "");
  }

  /** As a person knows it, also within a zip. */
  private static String name(Path path) {
    String within = path.toString().replaceFirst("^/(?=.*)", "");
    return path.getFileSystem().equals(FileSystems.getDefault())
        ? path.toString()
        : path.getFileSystem() + ":" + within;
  }

  /**
   * All images, class by class and by name, so that the order is the same on every machine.
   *
   * @throws IOException if a class has none
   */
  List<Labelled> images() throws IOException {
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

  /** What begins with a point is an editor's or an operating system's. */
  static boolean isVisible(Path path) {
    return !last(path).startsWith(".");
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return FORMATS.stream().anyMatch(end -> name.endsWith("." + end));
  }

  /**
   * Decodes images, once and for all.
   *
   * @throws IOException if one of them cannot be read; the message names it
   */
  Images decode(ImageFormat format, List<Labelled> files) throws IOException {
    byte[][] images = new byte[files.size()][];
    byte[] labels = new byte[files.size()];
    ImageRecordReader reader =
        new ImageRecordReader(format.side(), format.side(), format.channels());
    for (int i = 0; i < images.length; i++) {
      Path file = files.get(i).file();
      try (InputStream in = Files.newInputStream(file);
          DataInputStream data = new DataInputStream(in)) {
        Writable decoded = reader.record(NOWHERE, data).get(0);
        images[i] = bytes(((NDArrayWritable) decoded).get());
        labels[i] = (byte) files.get(i).label();
      } catch (IOException | RuntimeException e) {
        throw new IOException(
            name(file) + ": expected an image, but it cannot be read: " + e.getMessage(), e);
      }
    }
    return new Images(format, images, labels);
  }

  /**
   * An image as bytes.
   *
   * @param values numbers from 0 to 255
   * @throws IOException if one is above: an image of 16 bits would lose all but its noise
   */
  static byte[] bytes(INDArray values) throws IOException {
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
