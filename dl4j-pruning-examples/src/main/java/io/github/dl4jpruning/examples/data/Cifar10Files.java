package io.github.dl4jpruning.examples.data;

import io.github.dl4jpruning.data.ClassFolders;
import io.github.dl4jpruning.data.ClassFolders.Labelled;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.common.resources.ResourceType;
import org.deeplearning4j.datasets.fetchers.Cifar10Fetcher;
import org.deeplearning4j.datasets.fetchers.DataSetType;
import org.deeplearning4j.datasets.iterator.impl.Cifar10DataSetIterator;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Reads CIFAR-10, and data sets with the same layout, as colour images of 32×32 pixels, and sets
 * every tenth training image aside for validation. If only some images are used for training, the
 * number of validation images shrinks in proportion.
 */
public final class Cifar10Files {

  /** The word for {@code --data} that makes DL4J fetch CIFAR-10. */
  public static final String DOWNLOAD = "download";

  /** How to get CIFAR-10. */
  public static final String ADVICE =
      "CIFAR-10 does not ship with the examples: 'download' lets DL4J fetch it, or name a folder"
          + " with train/<class>/* and test/<class>/*, or a zip of it, made from the images of"
          + " https://www.cs.toronto.edu/~kriz/cifar.html";

  /** Stands for all training images. */
  public static final int ALL = 0;

  private static final String TRAIN = "train";
  private static final String TEST = "test";
  private static final int SIDE = 32;
  private static final int CHANNELS = 3;
  private static final int TENTH = 10;
  private static final int BATCH = 500;

  private Cifar10Files() {}

  /**
   * Reads the folders {@code train} and {@code test}, each with one folder of images per class.
   *
   * @param path the folder that contains them, or a zip of it
   * @param trainImages the number of training images, picked at even intervals; {@link #ALL} for
   *     all
   * @return the images
   * @throws IOException if something is missing or is not an image; the message names it
   */
  public static ImageData from(Path path, int trainImages) throws IOException {
    if (Files.isDirectory(path)) {
      return read(path.toString(), path, trainImages);
    }
    if (!Files.exists(path)) {
      throw new IOException(path + ": expected a folder or a zip, but found neither; " + ADVICE);
    }
    try (FileSystem zip = FileSystems.newFileSystem(path)) {
      return read(path.toString(), zip.getPath("/"), trainImages);
    } catch (ZipException | ProviderNotFoundException e) {
      throw new IOException(
          path + ": expected a folder or a zip, but found another file: " + e.getMessage(), e);
    }
  }

  private static ImageData read(String origin, Path path, int trainImages) throws IOException {
    Path root = root(path);
    ClassFolders train = ClassFolders.of(root.resolve(TRAIN));
    ClassFolders test = ClassFolders.of(root.resolve(TEST));
    if (!train.classes().equals(test.classes())) {
      throw new IOException(
          origin
              + ": expected the same classes in train and test, but found "
              + train.classes()
              + " and "
              + test.classes());
    }
    if (train.classes().size() > ImageFormat.MOST_CLASSES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected at most %d classes, but found %d",
              origin,
              ImageFormat.MOST_CLASSES,
              train.classes().size()));
    }
    ImageFormat format = new ImageFormat(CHANNELS, SIDE, train.classes());
    List<Labelled> all = train.images();
    Split split = Split.of(origin, all.size(), trainImages);
    return new ImageData(
        origin,
        decode(format, at(split.train(), all)),
        decode(format, at(split.validation(), all)),
        decode(format, test.images()));
  }

  private static Images decode(ImageFormat format, List<Labelled> files) throws IOException {
    ClassFolders.Decoder decoder =
        new ClassFolders.Decoder(format.side(), format.side(), format.channels());
    byte[][] images = new byte[files.size()][];
    byte[] labels = new byte[files.size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = decoder.decode(files.get(i).file());
      labels[i] = (byte) files.get(i).label();
    }
    return new Images(format, images, labels);
  }

  /** A zip often contains the folder itself, not just its content. */
  private static Path root(Path path) throws IOException {
    if (Files.isDirectory(path.resolve(TRAIN))) {
      return path;
    }
    try (Stream<Path> inside = Files.list(path)) {
      List<Path> deeper =
          inside
              .filter(ClassFolders::isVisible)
              .filter(folder -> Files.isDirectory(folder.resolve(TRAIN)))
              .toList();
      return deeper.size() == 1 ? deeper.get(0) : path;
    }
  }

  private static List<Labelled> at(int[] positions, List<Labelled> all) {
    return Arrays.stream(positions).mapToObj(all::get).toList();
  }

  /**
   * Reads CIFAR-10 through DL4J's {@link Cifar10DataSetIterator}, which downloads it once, into
   * DL4J's own cache.
   *
   * @param trainImages the number of training images, picked at even intervals; {@link #ALL} for
   *     all
   * @return the images
   * @throws IOException if it cannot be downloaded or read
   */
  public static ImageData download(int trainImages) throws IOException {
    return download(trainImages, 50_000, 10_000);
  }

  /**
   * Checks the number of images, because DL4J takes whatever is in its cache for all of CIFAR-10.
   */
  static ImageData download(int trainImages, int expectedTrain, int expectedTest)
      throws IOException {
    File cache = DL4JResources.getDirectory(ResourceType.DATASET, Cifar10Fetcher.LOCAL_CACHE_NAME);
    String[] inside = cache.list();
    if (inside != null && inside.length > 0) {
      for (String part : List.of(TRAIN, TEST)) {
        if (!new File(cache, part).isDirectory()) {
          throw incomplete(cache, "a folder " + part, "none");
        }
      }
    }
    Images all;
    Images test;
    try {
      all = inOrder(new Cifar10DataSetIterator(BATCH, DataSetType.TRAIN));
      test = inOrder(new Cifar10DataSetIterator(BATCH, DataSetType.TEST));
    } catch (RuntimeException e) {
      throw new IOException(
          "CIFAR-10 could not be downloaded or read (" + MnistFiles.rootMessage(e) + "); " + ADVICE,
          e);
    }
    if (all.size() != expectedTrain || test.size() != expectedTest) {
      throw incomplete(
          cache,
          expectedTrain + " training and " + expectedTest + " test images",
          all.size() + " and " + test.size());
    }
    if (!all.format().equals(test.format())) {
      throw incomplete(
          cache,
          "the same classes in both parts",
          all.format().classes() + " and " + test.format().classes());
    }
    String origin = "CIFAR-10 as DL4J has it";
    Split split = Split.of(origin, all.size(), trainImages);
    return new ImageData(origin, all.at(split.train()), all.at(split.validation()), test);
  }

  private static IOException incomplete(File cache, String expected, String found) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s: expected %s, but found %s (a broken download; delete the folder and try again)",
            cache,
            expected,
            found));
  }

  /** Sorts images by class and then by content, because DL4J's order depends on the file system. */
  private static Images inOrder(Cifar10DataSetIterator batches) throws IOException {
    List<byte[]> images = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      for (int i = 0; i < batch.numExamples(); i++) {
        images.add(ClassFolders.bytes(batch.getFeatures().slice(i)));
        labels.add(batch.getLabels().slice(i).argMax().getInt(0));
      }
    }
    ImageFormat format = new ImageFormat(CHANNELS, SIDE, batches.getLabels());
    int[] order =
        IntStream.range(0, images.size())
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(labels::get)
                    .thenComparing(images::get, Arrays::compare))
            .mapToInt(Integer::intValue)
            .toArray();
    byte[] bytes = new byte[labels.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = labels.get(i).byteValue();
    }
    return new Images(format, images.toArray(byte[][]::new), bytes).at(order);
  }

  /**
   * The split of the training images into training and validation.
   *
   * @param train positions of the images for training
   * @param validation positions of the images for validation
   */
  @SuppressWarnings("ArrayRecordComponent") // used at once, never compared
  record Split(int[] train, int[] validation) {

    /**
     * Sets every tenth image aside for validation, and picks the wanted number at even intervals.
     */
    static Split of(String origin, int all, int wanted) throws IOException {
      int[] validation = IntStream.range(0, all).filter(i -> i % TENTH == TENTH - 1).toArray();
      int[] train = IntStream.range(0, all).filter(i -> i % TENTH != TENTH - 1).toArray();
      if (validation.length == 0) {
        throw new IOException(
            origin + ": expected at least " + TENTH + " training images, but found " + all);
      }
      if (wanted == ALL) {
        return new Split(train, validation);
      }
      if (wanted > train.length) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: expected at least %,d images to train with, but without those for validation"
                    + " there are %,d",
                origin,
                wanted,
                train.length));
      }
      int fewer = Math.max(1, (int) ((long) validation.length * wanted / train.length));
      return new Split(evenly(train, wanted), evenly(validation, fewer));
    }

    private static int[] evenly(int[] from, int wanted) {
      return IntStream.range(0, wanted)
          .map(i -> from[(int) ((long) i * from.length / wanted)])
          .toArray();
    }
  }
}
