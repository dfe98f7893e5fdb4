package io.github.dl4jpruning.data;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;

/** How the inputs of a network are brought to a common size. */
public enum Normalization {
  /** The inputs as they are. */
  NONE,
  /** Mean 0 and standard deviation 1 for each input. */
  STANDARDIZE,
  /** From 0 to 1 for each input. */
  MINMAX,
  /** Pixels from 0 to 1. */
  UNIT,
  /** Pixels from −1 to 1. */
  SYMMETRIC;

  /**
   * Returns what is worth trying for some data.
   *
   * @param samples the data
   * @return the kinds, the usual one first
   */
  public static List<Normalization> candidates(Samples samples) {
    if (samples instanceof PixelSamples) {
      return List.of(UNIT, NONE, SYMMETRIC);
    }
    return isOfColumns(samples) ? List.of(NONE, STANDARDIZE, MINMAX) : List.of(NONE);
  }

  /**
   * Returns what suits a network that is yet to be trained.
   *
   * @param samples the data
   * @return the kind
   */
  public static Normalization toTrainWith(Samples samples) {
    if (samples instanceof PixelSamples) {
      return UNIT;
    }
    return isOfColumns(samples) ? STANDARDIZE : NONE;
  }

  /** DL4J's normalisers take the second axis of a batch for the columns. */
  private static boolean isOfColumns(Samples samples) {
    return samples instanceof TableSamples
        || (samples instanceof SequenceSamples sequences && sequences.input() == RNNFormat.NCW);
  }

  /**
   * Fits a normaliser.
   *
   * @param samples the data, to see whether it fits
   * @param training batches of the training part, without a normaliser
   * @return the normaliser; empty for {@link #NONE}
   * @throws IllegalArgumentException if it does not fit the data
   */
  public Optional<DataNormalization> fit(Samples samples, DataSetIterator training) {
    if (!candidates(samples).contains(this)) {
      throw new IllegalArgumentException(
          "expected one of " + candidates(samples) + " for this data, but found " + this);
    }
    DataNormalization normalizer =
        switch (this) {
          case NONE -> null;
          case STANDARDIZE -> new NormalizerStandardize();
          case MINMAX -> new NormalizerMinMaxScaler();
          case UNIT -> new ImagePreProcessingScaler(0, 1);
          case SYMMETRIC -> new ImagePreProcessingScaler(-1, 1);
        };
    if (normalizer != null && !(normalizer instanceof ImagePreProcessingScaler)) {
      training.reset();
      normalizer.fit(training);
    }
    return Optional.ofNullable(normalizer);
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
