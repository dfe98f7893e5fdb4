package io.github.dl4jpruning.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Samples of saved {@link DataSet}s, each as one record: features, labels, and for sequences the
 * two masks. Sequences are filled up to the longest of all.
 *
 * @param records gives the record of a sample
 * @param size the number of samples
 * @param layout the shapes in a record
 * @param classes the names of the classes; empty for numbers
 */
record SavedSamples(IntFunction<byte[]> records, int size, Layout layout, List<String> classes)
    implements Samples {

  /** Features, labels, and nothing that needs Java's serialisation. */
  private static final int FEATURES = 1;

  private static final int LABELS = 2;
  private static final int OBJECTS = 32 | 64;
  private static final int HIGHEST = 127;

  private static final int SEQUENCE = 2;

  /**
   * The shapes in a record.
   *
   * @param features the shape of the features of a sample
   * @param labels the shape of its labels
   * @param steps the longest sequence; 0 if there are none
   * @param stepsLast whether steps are the last axis of a sequence
   */
  @SuppressWarnings("ArrayRecordComponent") // short, and only handed on
  record Layout(int[] features, int[] labels, int steps, boolean stepsLast) {

    int length() {
      return product(features) + product(labels) + 2 * steps;
    }

    private static int product(int[] sizes) {
      return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
    }

    /** Returns the layout that takes samples of both shapes. */
    Layout with(Path file, int[] moreFeatures, int[] moreLabels) throws IOException {
      if (!fits(features, moreFeatures) || !fits(labels, moreLabels)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: expected samples of the shapes %s and %s, as in the files before, but found"
                    + " %s and %s",
                file,
                Arrays.toString(features),
                Arrays.toString(labels),
                Arrays.toString(moreFeatures),
                Arrays.toString(moreLabels)));
      }
      return new Layout(
          longer(features, moreFeatures),
          longer(labels, moreLabels),
          Math.max(steps, stepsOf(moreFeatures, stepsLast)),
          stepsLast);
    }

    static int stepsOf(int[] shape, boolean stepsLast) {
      return shape.length == SEQUENCE ? shape[stepsLast ? 1 : 0] : 0;
    }

    private boolean fits(int[] one, int[] other) {
      int width = stepsLast ? 0 : 1;
      return one.length == other.length
          && (one.length == SEQUENCE ? one[width] == other[width] : Arrays.equals(one, other));
    }

    private static int[] longer(int[] one, int[] other) {
      return IntStream.range(0, one.length).map(i -> Math.max(one[i], other[i])).toArray();
    }
  }

  /**
   * Reads a file that {@link DataSet#save} wrote.
   *
   * @throws IOException if it is no such file, is damaged, or has objects of Java's serialisation
   */
  static DataSet read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      in.mark(1);
      int flags = in.read();
      if (flags < 0 || flags > HIGHEST || (flags & (FEATURES | LABELS)) != (FEATURES | LABELS)) {
        throw new IOException(
            file + ": expected a DataSet with features and labels, as DataSet.save writes it");
      } else if ((flags & OBJECTS) != 0) {
        throw new IOException(
            file
                + ": expected a DataSet without metadata and label names (Java objects, which are"
                + " not read from files), but found some");
      }
      in.reset();
      DataSet data = new DataSet();
      data.load(in);
      @Nullable INDArray mask = data.getFeaturesMaskArray();
      @Nullable INDArray labelMask = data.getLabelsMaskArray();
      long count = data.getFeatures().size(0);
      if (data.getLabels().size(0) != count
          || (mask != null && mask.size(0) != count)
          || (labelMask != null && labelMask.size(0) != count)) {
        throw new IOException(
            file + ": expected as many labels and masks as features, but found other numbers");
      }
      return data;
    } catch (RuntimeException e) { // ND4J throws various exceptions
      throw new IOException(file + ": expected a saved DataSet, but it is damaged", e);
    }
  }

  /** Returns the shape of a sample. */
  static int[] shapeOf(INDArray batch) {
    return Arrays.stream(batch.shape()).skip(1).mapToInt(Math::toIntExact).toArray();
  }

  /** Returns the record of a sample of a batch. */
  static byte[] record(DataSet batch, int i, Layout layout) {
    FloatBuffer all = FloatBuffer.allocate(layout.length());
    int own = Layout.stepsOf(shapeOf(batch.getFeatures()), layout.stepsLast());
    put(all, batch.getFeatures(), i, layout.features(), layout.stepsLast());
    put(all, batch.getLabels(), i, layout.labels(), layout.stepsLast());
    if (layout.steps() > 0) {
      putMask(all, batch.getFeaturesMaskArray(), i, own, layout.steps());
      @Nullable INDArray labelMask = batch.getLabelsMaskArray();
      putMask(
          all,
          labelMask == null || labelMask.size(1) != own ? batch.getFeaturesMaskArray() : labelMask,
          i,
          own,
          layout.steps());
    }
    ByteBuffer bytes = ByteBuffer.allocate(layout.length() * Float.BYTES);
    bytes.asFloatBuffer().put(all.array());
    return bytes.array();
  }

  private static void put(FloatBuffer to, INDArray batch, int i, int[] shape, boolean stepsLast) {
    float[] values = batch.slice(i).dup('c').data().asFloat();
    int begin = to.position();
    int[] own = shapeOf(batch);
    int rows = stepsLast && shape.length == SEQUENCE ? shape[0] : 1;
    int from = values.length / rows;
    int step = Layout.product(shape) / rows;
    for (int row = 0; row < rows; row++) {
      to.position(begin + row * step).put(values, row * from, from);
    }
    to.position(begin + Layout.product(shape));
    assert own.length == shape.length;
  }

  private static void putMask(FloatBuffer to, @Nullable INDArray mask, int i, int own, int steps) {
    int begin = to.position();
    for (int t = 0; t < own; t++) {
      to.put(begin + t, mask == null ? 1f : mask.getFloat(i, t));
    }
    to.position(begin + steps);
  }

  @Override
  public DataSet read(int... positions) {
    int n = positions.length;
    int x = Layout.product(layout.features());
    int y = Layout.product(layout.labels());
    float[] features = new float[n * x];
    float[] labels = new float[n * y];
    float[] masks = new float[n * layout.steps()];
    float[] labelMasks = new float[n * layout.steps()];
    for (int i = 0; i < n; i++) {
      FloatBuffer all = ByteBuffer.wrap(records.apply(positions[i])).asFloatBuffer();
      all.get(features, i * x, x).get(labels, i * y, y);
      all.get(masks, i * layout.steps(), layout.steps());
      all.get(labelMasks, i * layout.steps(), layout.steps());
    }
    @Nullable INDArray mask = mask(masks, n);
    @Nullable INDArray labelMask = layout.labels().length == SEQUENCE ? mask(labelMasks, n) : null;
    return new DataSet(
        batch(features, n, layout.features()), batch(labels, n, layout.labels()), mask, labelMask);
  }

  private @Nullable INDArray mask(float[] mask, int n) {
    boolean whole = IntStream.range(0, mask.length).allMatch(i -> mask[i] == 1f);
    return whole ? null : Nd4j.createFromArray(mask).reshape(n, layout.steps());
  }

  private static INDArray batch(float[] values, int n, int[] shape) {
    long[] all = new long[shape.length + 1];
    all[0] = n;
    for (int i = 0; i < shape.length; i++) {
      all[i + 1] = shape[i];
    }
    return Nd4j.createFromArray(values).reshape(all);
  }

  @Override
  public String title() {
    return String.format(
        Locale.ROOT, "%,d saved samples of shape %s", size, Arrays.toString(layout.features()));
  }
}
