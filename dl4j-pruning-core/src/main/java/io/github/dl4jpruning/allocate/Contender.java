package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.select.PrunableParameter;

/**
 * A tensor that has a share in the sparsity.
 *
 * @param parameter what it is called, its layer and shape
 * @param tensor its scores, and what is removed already
 * @param keep how many of its weights stay in any case, at least 1
 * @param deviation standard deviation of its weights, removed ones included as zeros; NaN unless
 *     the distribution {@linkplain SparsityDistribution#needsDeviations() needs} it
 */
public record Contender(
    PrunableParameter parameter, ScoredTensor tensor, long keep, double deviation) {

  /**
   * The number of weights.
   *
   * @return all of them, removed or not
   */
  public long weights() {
    return tensor.weights();
  }

  /** The fewest weights that stay: what a floor asks for, and at least one unit. */
  long fewest() {
    return Math.max(keep, tensor.lastUnit());
  }

  /** The most weights that may be removed in the end. */
  long mostRemoved() {
    return Math.max(tensor.removed(), Math.min(tensor.mostRemoved(), weights() - keep));
  }

  Contender keepingAtLeast(long weights) {
    return new Contender(
        parameter, tensor, Math.max(keep, Math.min(weights, weights())), deviation);
  }
}
