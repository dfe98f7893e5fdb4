package io.github.dl4jpruning.export;

import io.github.dl4jpruning.model.SavedNormalizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;

/** A normaliser as the first step of a plan: x·scale + shift, for each channel. */
final class Normalizers {

  /** ND4J widens a range of zero by 10⁻⁵. Below this part of a value, floats have few steps. */
  private static final double SMALL_RANGE = 1e-4;

  private Normalizers() {}

  /**
   * Adds the step. Scale and shift are measured on two inputs, 0 and 1, since each normaliser of
   * ND4J has its own way with deviations of zero.
   *
   * @throws IllegalArgumentException if the normaliser is of a kind that is not known, is not
   *     fitted, or was fitted to another number of features
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
    // In double: they are far apart where a mean is large.
    double[] shifts = transformed(own, shape, 0.0).data().asDouble();
    double[] ones = transformed(own, shape, 1.0).data().asDouble();
    int positions = shifts.length / channels;
    float[] scales = new float[channels];
    float[] firsts = new float[channels];
    for (int c = 0; c < channels; c++) {
      firsts[c] = (float) shifts[c * positions];
      scales[c] = (float) (ones[c * positions] - shifts[c * positions]);
      if (isConstant(saved, c)) {
        // ND4J divides by nearly nothing then, which no float survives: what it gives for the one
        // value that there was is what it gives here always.
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

  /** One example that is the same everywhere, with channels behind the example. */
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
