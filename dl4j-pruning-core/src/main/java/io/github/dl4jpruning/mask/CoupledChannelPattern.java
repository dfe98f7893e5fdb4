package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Locale;

/**
 * Removes whole channels with everything in the network that belongs to them: the rows of all
 * layers that produce the channel, its biases and batch normalisations, and the weights of all
 * layers that read it, through pooling, flattening, residual sums and concatenation. Channels
 * masked in this way can be shrunk out of the network without a change to its outputs.
 *
 * <p>A sparsity counts channels here, not weights: at 0.5 half of all channels are removed.
 * Channels that are added to each other count as one.
 *
 * <p>Source: G. Fang et al., "DepGraph: Towards any structural pruning", 2023 (arXiv 2301.12900).
 *
 * @param score how a channel is scored: from the scores of the weights that produce it, averaged
 *     over all layers that share it, or by |γ| of its batch normalisations
 * @param normalised whether scores are divided by the mean score of their layer, so that layers
 *     with generally large weights do not dominate a global ranking
 */
public record CoupledChannelPattern(ChannelPattern.Score score, boolean normalised)
    implements SparsityPattern {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the score is null
   */
  public CoupledChannelPattern {
    if (score == null) {
      throw new IllegalArgumentException("coupledChannels needs a score, but it is null");
    }
  }

  /** Returns the pattern for the channels of one tensor, which this pattern extends. */
  private ChannelPattern alone() {
    return new ChannelPattern(ChannelPattern.Axis.OUTPUT, score);
  }

  @Override
  public ScoredTensor units(TensorScores tensor) {
    return alone().units(tensor);
  }

  @Override
  public double[] unitScores(KernelLayout layout, double[] scores) {
    return alone().unitScores(layout, scores);
  }

  @Override
  public Mask weights(KernelLayout layout, Mask units) {
    return alone().weights(layout, units);
  }

  @Override
  public boolean coupled() {
    return true;
  }

  @Override
  public String toString() {
    return "coupledChannels("
        + score.name().toLowerCase(Locale.ROOT)
        + (normalised ? ", normalised)" : ")");
  }
}
