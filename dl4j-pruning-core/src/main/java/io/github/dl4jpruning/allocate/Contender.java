package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.select.PrunableParameter;

/**
 * A tensor that takes part in the distribution of sparsity.
 *
 * @param parameter its name, layer and shape
 * @param tensor its scores and present mask
 * @param keep the least number of weights to keep, at least 1
 * @param deviation standard deviation of its weights, with removed ones as zeros; NaN unless the
 *     distribution {@linkplain SparsityDistribution#needsDeviations() needs} it
 */
public record Contender(
    PrunableParameter parameter, ScoredTensor tensor, long keep, double deviation) {

  /**
   * Returns the number of weights.
   *
   * @return the number, including removed weights
   */
  public long weights() {
    return tensor.weights();
  }

  /** Returns the fewest weights to keep: the floor, and at least one unit. */
  long fewest() {
    return Math.max(keep, tensor.lastUnit());
  }

  /** Returns the most weights that may be removed in total. */
  long mostRemoved() {
    return Math.max(tensor.removed(), Math.min(tensor.mostRemoved(), weights() - keep));
  }

  Contender keepingAtLeast(long weights) {
    return new Contender(
        parameter, tensor, Math.max(keep, Math.min(weights, weights())), deviation);
  }
}
