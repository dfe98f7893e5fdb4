package io.github.dl4jpruning.model;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.exception.ND4JIllegalStateException;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a normaliser has learned, as plain numbers. ND4J's own serialiser makes objects by a name
 * that stands in the file, and ends the process where a shape is damaged.
 *
 * @param kind which one it is
 * @param fitsLabels whether it normalises labels too
 * @param settings what it was made with: for MIN_MAX the lowest and highest result; for IMAGE those
 *     and the highest value of a pixel
 * @param statistics for each of the features, and of the labels if it fits them, two vectors: mean
 *     and standard deviation, or least and greatest
 * @param doubles whether the statistics are of type DOUBLE, not FLOAT
 */
@SuppressWarnings("ArrayRecordComponent") // written and read, never compared
public record SavedNormalizer(
    Kind kind, boolean fitsLabels, double[] settings, List<double[]> statistics, boolean doubles) {

  /** The normalisers that can be saved. */
  public enum Kind {
    /** A {@code NormalizerStandardize}. */
    STANDARDIZE(0),
    /** A {@code NormalizerMinMaxScaler}. */
    MIN_MAX(2),
    /** An {@code ImagePreProcessingScaler}. */
    IMAGE(3);

    private final int settings;

    Kind(int settings) {
      this.settings = settings;
    }

    /**
     * How many settings there are.
     *
     * @return their number
     */
    public int settings() {
      return settings;
    }

    /**
     * How many vectors of statistics there are.
     *
     * @param labels whether labels are normalised too
     * @return their number
     */
    public int statistics(boolean labels) {
      return this == IMAGE ? 0 : labels ? 4 : 2;
    }
  }

  /** Keeps the list from being changed. */
  public SavedNormalizer {
    statistics = List.copyOf(statistics);
  }

  /**
   * Reads a normaliser.
   *
   * @param normalizer one that is fitted
   * @return what it has learned
   * @throws IllegalArgumentException if it is of another kind, or is not fitted
   */
  public static SavedNormalizer of(DataNormalization normalizer) {
    try {
      return read(normalizer);
    } catch (ND4JIllegalStateException | NullPointerException e) { // there are no statistics
      throw new IllegalArgumentException(
          "expected a normalizer that is fitted, but fit was not called on this one", e);
    }
  }

  private static SavedNormalizer read(DataNormalization normalizer) {
    if (normalizer instanceof ImagePreProcessingScaler image) {
      double[] settings = {image.getMinRange(), image.getMaxRange(), image.getMaxPixelVal()};
      return new SavedNormalizer(Kind.IMAGE, image.isFitLabel(), settings, List.of(), false);
    }
    if (normalizer instanceof NormalizerStandardize standardize) {
      boolean labels = standardize.isFitLabel();
      return vectors(
          Kind.STANDARDIZE,
          labels,
          new double[0],
          labels
              ? List.of(
                  standardize.getMean(),
                  standardize.getStd(),
                  standardize.getLabelMean(),
                  standardize.getLabelStd())
              : List.of(standardize.getMean(), standardize.getStd()));
    } else if (normalizer instanceof NormalizerMinMaxScaler scaler) {
      boolean labels = scaler.isFitLabel();
      return vectors(
          Kind.MIN_MAX,
          labels,
          new double[] {scaler.getTargetMin(), scaler.getTargetMax()},
          labels
              ? List.of(
                  scaler.getMin(), scaler.getMax(), scaler.getLabelMin(), scaler.getLabelMax())
              : List.of(scaler.getMin(), scaler.getMax()));
    }
    throw new IllegalArgumentException(
        "expected a normalizer that can be saved (NormalizerStandardize, NormalizerMinMaxScaler,"
            + " ImagePreProcessingScaler), but found "
            + (normalizer == null ? "null" : "a " + normalizer.getClass().getSimpleName()));
  }

  private static SavedNormalizer vectors(
      Kind kind, boolean labels, double[] settings, List<INDArray> statistics) {
    return new SavedNormalizer(
        kind,
        labels,
        settings,
        statistics.stream().map(vector -> vector.dup().data().asDouble()).toList(),
        statistics.get(0).dataType() == DataType.DOUBLE);
  }

  /**
   * Makes the normaliser again.
   *
   * @return a normaliser that does the same
   */
  public DataNormalization toNormalizer() {
    switch (kind) {
      case IMAGE -> {
        ImagePreProcessingScaler image = new ImagePreProcessingScaler(settings[0], settings[1]);
        image.setMaxPixelVal(settings[2]);
        image.fitLabel(fitsLabels);
        return image;
      }
      case MIN_MAX -> {
        NormalizerMinMaxScaler scaler = new NormalizerMinMaxScaler(settings[0], settings[1]);
        scaler.setFeatureStats(vector(0), vector(1));
        if (fitsLabels) {
          scaler.setLabelStats(vector(2), vector(3));
        }
        scaler.fitLabel(fitsLabels);
        return scaler;
      }
      default -> {
        return fitsLabels
            ? new NormalizerStandardize(vector(0), vector(1), vector(2), vector(3))
            : new NormalizerStandardize(vector(0), vector(1));
      }
    }
  }

  private INDArray vector(int index) {
    INDArray row = Nd4j.createFromArray(new double[][] {statistics.get(index)});
    return row.castTo(doubles ? DataType.DOUBLE : DataType.FLOAT);
  }
}
