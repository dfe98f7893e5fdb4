package io.github.dl4jpruning.export;

import io.github.dl4jpruning.model.SavedNormalizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;

/** Translates a normaliser into the first step of a plan: x·scale + shift, for each channel. */
final class Normalizers {

  /** ND4J widens a range of zero by 10⁻⁵. Below this fraction of a value, floats are coarse. */
  private static final double SMALL_RANGE = 1e-4;

  private Normalizers() {}

  /**
   * Adds the step. Scale and shift are measured on two inputs, 0 and 1, since each normaliser of
   * ND4J handles deviations of zero in its own way.
   *
   * @throws IllegalArgumentException if the kind of normaliser is unknown, or the normaliser is not
   *     fitted or was fitted to another number of features
   */
  static Flowing apply(
      DataNormalization normalizer, PlanBuilder plan, Flowing in, InputShape shape) {
    SavedNormalizer saved = SavedNormalizer.of(normalizer);
    int channels = shape.sizes().get(0);
    int known = saved.statistics().isEmpty() ? channels : saved.statistics().get(0).length;
    if (known != channels) {
      throw new IllegalArgumentException(
          "expected a normalizer of "
              + channels
              + " features, as the network reads, but it was fitted to "
              + known);
    }
    DataNormalization own = saved.toNormalizer();
    // In double, since the values are far apart if a mean is large.
    double[] shifts = transformed(own, shape, 0.0).data().asDouble();
    double[] ones = transformed(own, shape, 1.0).data().asDouble();
    int positions = shifts.length / channels;
    float[] scales = new float[channels];
    float[] firsts = new float[channels];
    for (int c = 0; c < channels; c++) {
      firsts[c] = (float) shifts[c * positions];
      scales[c] = (float) (ones[c * positions] - shifts[c * positions]);
      if (isConstant(saved, c)) {
        // ND4J then divides by almost zero, beyond the precision of a float. So this channel
        // always gives what ND4J gives for the one value of the fitted data.
        firsts[c] = (float) saved.settings()[0];
        scales[c] = 0f;
      }
    }
    return plan.add(
        new Operation.PerChannel(Matrix.vector(scales), Matrix.vector(firsts), Activation.IDENTITY),
        in);
  }

  private static boolean isConstant(SavedNormalizer saved, int channel) {
    if (saved.kind() != SavedNormalizer.Kind.MIN_MAX) {
      return false;
    }
    double least = saved.statistics().get(0)[channel];
    double range = saved.statistics().get(1)[channel] - least;
    return range < SMALL_RANGE * Math.abs(least);
  }

  /** Transforms one example with the same value everywhere; channels are the second axis. */
  private static INDArray transformed(DataNormalization own, InputShape shape, double value) {
    long channels = shape.sizes().get(0);
    long[] sizes =
        switch (shape.form()) {
          case VECTOR -> new long[] {1, channels};
          case SEQUENCE -> new long[] {1, channels, 1};
          case PLANES -> new long[] {1, channels, 1, 1};
        };
    INDArray example = Nd4j.valueArrayOf(sizes, value, org.nd4j.linalg.api.buffer.DataType.DOUBLE);
    own.transform(example);
    return example;
  }
}
