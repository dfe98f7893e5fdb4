package io.github.dl4jpruning.score;

/**
 * How important each weight is: the higher the score, the longer the weight stays.
 *
 * <p>Implementations are called at mask updates only, never on an ordinary training step, and may
 * be called from any thread.
 */
@FunctionalInterface
public interface ImportanceCriterion {

  /**
   * Scores every weight of one tensor. The scores of weights that were removed before are not
   * looked at.
   *
   * @param tensor the tensor; its array is a copy that may be overwritten
   * @return one score per weight by flat index: finite numbers, negative ones included. It may be
   *     the tensor's own array. A score that is NaN or infinite is refused, and no mask changes.
   */
  double[] score(WeightTensor tensor);

  /**
   * Magnitude, |w|: remove what is nearest to zero.
   *
   * <p>Source: S. Han et al., "Learning both weights and connections", 2015 (arXiv 1506.02626).
   *
   * @return the criterion
   */
  static ImportanceCriterion magnitude() {
    return Magnitude.INSTANCE;
  }
}
