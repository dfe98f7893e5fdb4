package io.github.dl4jpruning.data;

import io.github.dl4jpruning.data.SampleSplit.Part;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Data of any kind, read for a network: a CSV file; a folder of class folders with images or with
 * sequences; a folder of CSV files, one for each sequence; a folder with images and labels in the
 * IDX format of MNIST; a folder of saved {@code DataSet}s. A folder with {@code train}, {@code
 * validation} and {@code test} in it (folders or CSV files), or some of them, is already divided.
 *
 * <pre>{@code
 * NetworkForm form = NetworkForm.of(network, Optional.empty());
 * LabelledData data = LabelledData.open(List.of(Given.all(path)), form, DataOptions.defaults());
 * SampleSplit split = data.split(0.1, 0.1, seed);
 * network.fit(SampleBatches.shuffled(data.samples(), split.training(), 64, seed));
 * }</pre>
 *
 * @param samples the samples
 * @param parts the part of each sample, as far as it is given
 * @param key tells this data from other data
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
public record LabelledData(Samples samples, Part[] parts, String key) {

  private static final Map<String, Part> PARTS =
      Map.of(
          "train", Part.TRAINING,
          "training", Part.TRAINING,
          "val", Part.VALIDATION,
          "valid", Part.VALIDATION,
          "validation", Part.VALIDATION,
          "test", Part.TEST);

  private static final Pattern IDX_IMAGES =
      Pattern.compile("(?<part>.*)images[.-]idx[0-9]-ubyte(\\.gz)?");

  /**
   * A file or folder with data.
   *
   * @param path the file or folder
   * @param part what it serves for
   */
  public record Given(Path path, Part part) {

    /**
     * Returns data that is to be divided.
     *
     * @param path a file or folder
     * @return the data
     */
    public static Given all(Path path) {
      return new Given(path, Part.ALL);
    }
  }

  /**
   * Opens data.
   *
   * @param given files or folders of the same kind
   * @param form what the network reads and gives
   * @param options how to read the data
   * @return the samples
   * @throws IOException if something cannot be read; the message names the file, and the line
   * @throws IllegalArgumentException if the data does not fit the network
   */
  public static LabelledData open(List<Given> given, NetworkForm form, DataOptions options)
      throws IOException {
    List<Given> all = new ArrayList<>();
    for (Given one : given) {
      all.addAll(divided(one));
    }
    return new DataOpener(all, form, options).open();
  }

  /**
   * Divides the samples.
   *
   * @param validation the fraction for validation if none is given
   * @param test the fraction for the test if none is given
   * @param seed the seed for the choice
   * @return the parts
   * @throws IllegalArgumentException if a part is empty
   */
  public SampleSplit split(double validation, double test, long seed) {
    return SampleSplit.of(parts, validation, test, seed);
  }

  /**
   * Returns whether these are images.
   *
   * @return false for other data
   */
  public boolean isImages() {
    return samples instanceof PixelSamples;
  }

  /**
   * Returns whether these are colour images, whose colours have an order.
   *
   * @return false for grey images and other data
   */
  public boolean isColour() {
    return samples instanceof PixelSamples images && images.form().channels() > 1;
  }

  /**
   * Tries a sample, so that data that does not fit is refused before anything is done.
   *
   * @param model the model
   * @throws IllegalArgumentException if the model does not take the sample, or gives another shape
   *     than the labels have
   */
  public void check(Predictor model) {
    DataSet one = samples.read(0);
    INDArray output;
    try {
      output = model.predict(one);
    } catch (RuntimeException e) { // layers throw various exceptions
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected data that the model takes, but it refuses a sample of the shape %s: %s",
              Arrays.toString(one.getFeatures().shape()),
              e.getMessage()),
          e);
    }
    if (!output.equalShapes(one.getLabels())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected labels of the shape of the model's output, %s, but found %s",
              Arrays.toString(output.shape()),
              Arrays.toString(one.getLabels().shape())));
    }
  }

  /**
   * Returns the columns of a table.
   *
   * @return the table; empty for other data
   */
  public Optional<TabularData> columns() {
    return samples instanceof TableSamples rows ? Optional.of(rows.table()) : Optional.empty();
  }

  /**
   * Returns the form of the network with the size of these images.
   *
   * @param form the form of the network, which may leave the size open
   * @return a form without open sizes
   */
  public NetworkForm imagesOf(NetworkForm form) {
    return samples instanceof PixelSamples images
        ? form.withImages(images.form().height(), images.form().width())
        : form;
  }

  /** Takes a folder apart that is already divided. */
  private static List<Given> divided(Given given) throws IOException {
    if (!Files.exists(given.path())) {
      throw new IOException(
          given.path() + ": expected a file or a folder with data, but found none");
    } else if (!Files.isDirectory(given.path())) {
      return List.of(given);
    }
    List<Path> inside = children(given.path());
    // A class may be called train.
    boolean divided =
        inside.stream()
            .filter(Files::isDirectory)
            .map(LabelledData::name)
            .allMatch(PARTS::containsKey);
    Set<String> seen = new HashSet<>(); // an IDX file may lie there twice, zipped and not
    List<Given> parts = new ArrayList<>();
    for (Path path : inside) {
      String name = name(path);
      Optional<String> images = idxPart(name);
      Part part = PARTS.get(Files.isDirectory(path) ? name : name.replaceFirst("\\.csv$", ""));
      if (part != null && divided) {
        parts.add(new Given(path, part));
      } else if (images.isPresent() && seen.add(images.get())) {
        parts.add(new Given(path, idx(images.get(), given.part())));
      }
    }
    return parts.isEmpty() ? List.of(given) : parts;
  }

  private static Part idx(String prefix, Part otherwise) {
    return prefix.contains("train")
        ? Part.TRAINING
        : prefix.startsWith("val")
            ? Part.VALIDATION
            : prefix.contains("t10k") || prefix.contains("test") ? Part.TEST : otherwise;
  }

  /** Returns what stands before "images" in the name of an IDX file. */
  static Optional<String> idxPart(String name) {
    var matcher = IDX_IMAGES.matcher(name);
    return matcher.matches() ? Optional.of(matcher.group("part")) : Optional.empty();
  }

  /** Returns the visible content of a folder, in the order of names. */
  static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .filter(ClassFolders::isVisible)
          .sorted(Comparator.comparing(LabelledData::name))
          .toList();
    }
  }

  static String name(Path path) {
    return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
  }

  /**
   * Says what the data is, and how it is divided.
   *
   * @param split the parts
   * @return a sentence
   */
  public String title(SampleSplit split) {
    return String.format(
        Locale.ROOT,
        "%s: %,d for training, %,d for validation, %,d for the test",
        samples.title(),
        split.training().length,
        split.validation().length,
        split.test().length);
  }

  @Override
  public String toString() {
    return samples.title() + " " + Arrays.stream(parts).distinct().toList();
  }
}
