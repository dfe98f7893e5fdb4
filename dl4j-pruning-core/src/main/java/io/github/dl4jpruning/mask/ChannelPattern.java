package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Locale;

/**
 * Whole channels go: all weights of an output channel (a filter, a neuron; of a recurrent layer, a
 * unit with its four gates), or all weights that read one input channel. These are masks inside one
 * tensor; nothing becomes smaller.
 *
 * <p>Norms are divided by the number of weights (means), so that channels of different layers can
 * be compared.
 *
 * <p>Source: H. Li et al., "Pruning filters for efficient ConvNets", 2017 (arXiv 1608.08710), for
 * norms; Z. Liu et al., "Learning efficient convolutional networks through network slimming", 2017
 * (arXiv 1708.06519), for the scale of the batch normalisation.
 *
 * @param axis output or input channels
 * @param score how a channel is scored
 */
public record ChannelPattern(Axis axis, Score score) implements SparsityPattern {

  /** Which channels. */
  public enum Axis {
    /** What a weight feeds. */
    OUTPUT,
    /** What a weight reads. */
    INPUT
  }

  /** How the score of a channel comes about. */
  public enum Score {
    /** The mean of the scores of its weights: of magnitudes, the L1 norm. */
    L1,
    /** The root of the mean of their squares; a square keeps the sign of its score. */
    L2,
    /** |γ| of the batch normalisation that follows; the scores of the weights are not used. */
    BATCH_NORM
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is missing, or input channels are to be scored by batch
   *     normalisation
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
            + " output channels behind this layer, but found "
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
