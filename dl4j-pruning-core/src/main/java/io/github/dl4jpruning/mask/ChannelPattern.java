package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Locale;

/**
 * Removes whole channels: all weights of an output channel (a filter, a neuron, or a recurrent unit
 * with all its gates), or all weights that read one input channel. The masks lie within one tensor;
 * no tensor becomes smaller.
 *
 * <p>Norms are means over the weights of a channel, so that channels of different layers are
 * comparable.
 *
 * <p>Source: H. Li et al., "Pruning filters for efficient ConvNets", 2017 (arXiv 1608.08710), for
 * norms; Z. Liu et al., "Learning efficient convolutional networks through network slimming", 2017
 * (arXiv 1708.06519), for the scale of batch normalisation.
 *
 * @param axis output or input channels
 * @param score how a channel is scored
 */
public record ChannelPattern(Axis axis, Score score) implements SparsityPattern {

  /** The channels to remove. */
  public enum Axis {
    /** The channels that weights feed. */
    OUTPUT,
    /** The channels that weights read. */
    INPUT
  }

  /** How a channel is scored. */
  public enum Score {
    /** The mean of the scores of its weights; for magnitudes, the mean L1 norm. */
    L1,
    /**
     * The root mean square of the scores of its weights; each square keeps the sign of its score.
     */
    L2,
    /** |γ| of the following batch normalisation; the scores of the weights are not used. */
    BATCH_NORM
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is null, or input channels are to be scored by
   *     batch normalisation
   */
  public ChannelPattern {
    if (axis == null || score == null) {
      throw new IllegalArgumentException(
          "channel needs an axis and a score, but they are " + axis + " and " + score);
    }
    if (axis == Axis.INPUT && score == Score.BATCH_NORM) {
      throw new IllegalArgumentException(
          "a batch normalisation scales output channels, so input channels must be scored by L1 or"
              + " L2");
    }
  }

  @Override
  public ScoredTensor units(TensorScores tensor) {
    Grouping groups = groups(tensor.layout());
    if (score != Score.BATCH_NORM) {
      return groups.units(tensor, pooled(groups, tensor.scores()));
    }
    double[] scales = tensor.outputScales().orElseThrow(() -> wrongScales(tensor, groups, "none"));
    if (scales.length != groups.count()) {
      throw wrongScales(tensor, groups, scales.length + " scales");
    }
    double[] magnitudes = new double[scales.length];
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(scales[i]);
    }
    return groups.units(tensor, magnitudes);
  }

  private static IllegalArgumentException wrongScales(
      TensorScores tensor, Grouping groups, String found) {
    return new IllegalArgumentException(
        tensor.name()
            + ": expected a batch normalisation with one scale for each of "
            + groups.count()
            + " output channels after this layer, but found "
            + found);
  }

  @Override
  public double[] unitScores(KernelLayout layout, double[] scores) {
    return pooled(groups(layout), scores);
  }

  private double[] pooled(Grouping groups, double[] scores) {
    return score == Score.L2 ? groups.rootMeanSquares(scores) : groups.means(scores);
  }

  private Grouping groups(KernelLayout layout) {
    return Grouping.channels(layout, axis);
  }

  @Override
  public Mask weights(KernelLayout layout, Mask units) {
    return groups(layout).weights(units);
  }

  @Override
  public boolean needsOutputScales() {
    return score == Score.BATCH_NORM;
  }

  @Override
  public String toString() {
    return "channel("
        + axis.name().toLowerCase(Locale.ROOT)
        + ", "
        + score.name().toLowerCase(Locale.ROOT)
        + ")";
  }
}
