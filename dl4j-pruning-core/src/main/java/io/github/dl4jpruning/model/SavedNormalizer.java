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
 * The fitted state of a normaliser as plain numbers. ND4J's own serialiser creates objects of a
 * class that the file names, and ends the process if a shape is damaged.
 *
 * @param kind the kind of normaliser
 * @param fitsLabels whether it normalises labels too
 * @param settings its constructor values: for MIN_MAX the lowest and highest result; for IMAGE also
 *     the highest pixel value
 * @param statistics two vectors for the features, and two for the labels if it fits them: mean and
 *     standard deviation, or minimum and maximum
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
     * Returns the number of settings.
     *
     * @return their number
     */
    public int settings() {
      return settings;
    }

    /**
     * Returns the number of vectors of statistics.
     *
     * @param labels whether labels are normalised too
     * @return their number
     */
    public int statistics(boolean labels) {
      return this == IMAGE ? 0 : labels ? 4 : 2;
    }
  }

  /** Copies the list. */
  public SavedNormalizer {
    statistics = List.copyOf(statistics);
  }

  /**
   * Reads a normaliser.
   *
   * @param normalizer a fitted normaliser
   * @return its fitted state
   * @throws IllegalArgumentException if the normaliser is of another kind, or is not fitted
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
   * Recreates the normaliser.
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
