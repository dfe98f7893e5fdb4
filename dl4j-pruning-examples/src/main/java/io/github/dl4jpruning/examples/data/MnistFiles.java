package io.github.dl4jpruning.examples.data;

import io.github.dl4jpruning.examples.data.IdxReader.DigitFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.eclipse.deeplearning4j.resources.DataSetResource;
import org.eclipse.deeplearning4j.resources.ResourceDataSets;

/** Reads MNIST, and data sets in its format, and sets images aside for validation. */
public final class MnistFiles {

  /** The word for {@code --data} that makes DL4J fetch MNIST. */
  public static final String DOWNLOAD = "download";

  private static final int FEWEST = 100;

  private MnistFiles() {}

  /**
   * Reads the digits that ship with the examples: 8,000 / 1,000 / 1,000 of MNIST's training images.
   *
   * @return the digits
   * @throws IOException if they cannot be read
   */
  public static ImageData shipped() throws IOException {
    Images all =
        IdxReader.read(
            resource("mnist-10k-images-idx3-ubyte.gz"), resource("mnist-10k-labels-idx1-ubyte.gz"));
    return new ImageData(
        "10,000 digits of MNIST that ship with the examples",
        all.where(i -> i % 10 < 8),
        all.where(i -> i % 10 == 8),
        all.where(i -> i % 10 == 9));
  }

  /**
   * Reads a data set in MNIST's four files: {@code train-images-idx3-ubyte}, {@code
   * train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte}, {@code t10k-labels-idx1-ubyte}, each
   * plain or gzipped. Every twelfth training image is for validation.
   *
   * @param folder the folder of the files
   * @return the digits
   * @throws IOException if a file is missing, truncated or wrong
   */
  public static ImageData from(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          folder + ": expected a folder with MNIST's four files, but there is no such folder");
    }
    Images training =
        IdxReader.read(
            file(folder, "train-images-idx3-ubyte"), file(folder, "train-labels-idx1-ubyte"));
    Images test =
        IdxReader.read(
            file(folder, "t10k-images-idx3-ubyte"), file(folder, "t10k-labels-idx1-ubyte"));
    if (training.size() < FEWEST) {
      throw new IOException(
          folder
              + ": expected at least "
              + FEWEST
              + " training images, but found "
              + training.size());
    }
    return new ImageData(
        folder.toString(),
        training.where(i -> i % 12 != 11),
        training.where(i -> i % 12 == 11),
        test);
  }

  /**
   * Reads MNIST through DL4J, which downloads it once, into DL4J's own cache.
   *
   * @return the digits
   * @throws IOException if it cannot be downloaded or read
   */
  public static ImageData download() throws IOException {
    List<DataSetResource> files =
        List.of(
            ResourceDataSets.mnistTrain(),
            ResourceDataSets.mnistTrainLabels(),
            ResourceDataSets.mnistTest(),
            ResourceDataSets.mnistTestLabels());
    for (DataSetResource resource : files) {
      try {
        if (!resource.existsLocally()) {
          resource.download(true, 3, 20_000, 20_000);
        }
      } catch (Exception e) { // DL4J throws checked exceptions without declaring them
        throw new IOException(
            "MNIST could not be downloaded ("
                + rootMessage(e)
                + "); fetch its four files yourself and name their folder with --data",
            e);
      }
    }
    Path folder =
        Objects.requireNonNull(
            files.get(0).localPath().toPath().getParent(), "DL4J's cache is a folder");
    try {
      return from(folder);
    } catch (IOException e) {
      throw new IOException(e.getMessage() + " (a broken download; delete it and try again)", e);
    }
  }

  /** Returns the class and message of the root cause. */
  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName()
        + (root.getMessage() == null ? "" : ": " + root.getMessage());
  }

  private static DigitFile resource(String name) {
    return new DigitFile(
        name,
        () -> {
          var stream = MnistFiles.class.getResourceAsStream(name);
          if (stream == null) {
            throw new IOException(
                name + ": expected it among the resources of the examples, but did not find it");
          }
          return stream;
        },
        true);
  }

  private static DigitFile file(Path folder, String name) throws IOException {
    Path plain = folder.resolve(name);
    Path gzipped = folder.resolve(name + ".gz");
    if (Files.isRegularFile(plain)) {
      return new DigitFile(plain.toString(), () -> Files.newInputStream(plain), false);
    }
    if (Files.isRegularFile(gzipped)) {
      return new DigitFile(gzipped.toString(), () -> Files.newInputStream(gzipped), true);
    }
    throw new IOException(folder + ": expected " + name + " or " + name + ".gz, but found neither");
  }
}
