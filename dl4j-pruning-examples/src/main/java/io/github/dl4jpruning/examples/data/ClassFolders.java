package io.github.dl4jpruning.examples.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.datavec.api.io.labels.ParentPathLabelGenerator;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.datavec.image.loader.BaseImageLoader;
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
      classes = inside.filter(Files::isDirectory).map(ClassFolders::last).sorted().toList();
    }
    if (classes.size() < 2 || classes.size() > ImageFormat.MOST_CLASSES) {
      throw new IOException(
          String.format(
              "%s: expected 2 to %d folders, one for each class, but found %d",
              name(folder), ImageFormat.MOST_CLASSES, classes.size()));
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
        for (Path file : inside.filter(ClassFolders::isImage).sorted().toList()) {
          all.add(new Labelled(file, label));
        }
      }
      if (all.size() == before) {
        throw new IOException(
            name(of)
                + ": expected images ("
                + String.join(", ", BaseImageLoader.ALLOWED_FORMATS)
                + "), but there are none");
      }
    }
    return all;
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return Stream.of(BaseImageLoader.ALLOWED_FORMATS).anyMatch(end -> name.endsWith("." + end));
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
        new ImageRecordReader(
            format.side(), format.side(), format.channels(), new ParentPathLabelGenerator());
    reader.setLabels(classes);
    for (int i = 0; i < images.length; i++) {
      Path file = files.get(i).file();
      try (InputStream in = Files.newInputStream(file);
          DataInputStream data = new DataInputStream(in)) {
        List<Writable> record = reader.record(uri(file), data);
        images[i] = bytes(((NDArrayWritable) record.get(0)).get());
        labels[i] = (byte) record.get(1).toInt();
      } catch (IOException | RuntimeException e) {
        throw new IOException(
            name(file) + ": expected an image, but it cannot be read: " + e.getMessage(), e);
      }
    }
    return new Images(format, images, labels);
  }

  /** Its path is what the label is read from. */
  private static URI uri(Path file) throws IOException {
    try {
      return new URI(null, null, "/" + last(file.getParent()) + "/" + last(file), null);
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  /**
   * One image, or the first of several.
   *
   * @param values numbers from 0 to 255
   */
  static byte[] bytes(INDArray values) {
    float[] floats = values.reshape(values.length()).toFloatVector();
    byte[] bytes = new byte[floats.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(floats[i]);
    }
    return bytes;
  }
}
