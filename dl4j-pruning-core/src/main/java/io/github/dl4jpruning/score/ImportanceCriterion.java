package io.github.dl4jpruning.score;

import java.util.Set;

/**
 * How important each weight is: the higher the score, the longer the weight stays.
 *
 * <p>A criterion is a pure function of what a {@link WeightTensor} shows. What has to be remembered
 * between updates is remembered for it, if {@link #remembers} says so; the criterion itself has no
 * state, so one instance serves any number of networks and threads.
 *
 * <p>Implementations are called at mask updates only, never on an ordinary training step.
 */
@FunctionalInterface
public interface ImportanceCriterion {

  /** What can be remembered between updates. It costs 8 bytes per weight. */
  enum Memory {
    /** {@link WeightTensor#initialWeights}. */
    INITIAL_WEIGHTS,
    /** {@link WeightTensor#movement}; costs a pass over weights and gradient at every iteration. */
    MOVEMENT
  }

  /**
   * Scores every weight of one tensor. The scores of weights that were removed before are not
   * looked at.
   *
   * @param tensor the tensor; its arrays are copies that may be overwritten
   * @return one score per weight by flat index: finite numbers, negative ones included. It may be
   *     one of the tensor's own arrays. A score that is NaN or infinite is refused, and no mask
   *     changes.
   */
  double[] score(WeightTensor tensor);

  /**
   * What has to be remembered for it between updates.
   *
   * @return nothing, unless overridden
   */
  default Set<Memory> remembers() {
    return Set.of();
  }

  /**
   * Magnitude, |w|: remove what is nearest to zero.
   *
   * <p>Source: S. Han et al., "Learning both weights and connections", 2015 (arXiv 1506.02626).
   *
   * @return the criterion
   */
  static ImportanceCriterion magnitude() {
    return StandardCriterion.MAGNITUDE;
  }

  /**
   * Random, uniform in [0, 1): the baseline that every other criterion has to beat. The score
   * depends on the seed, the name of the parameter and the index, and on nothing else.
   *
   * @param seed decides the scores
   * @return the criterion
   */
  static ImportanceCriterion random(long seed) {
    return new RandomCriterion(seed);
  }

  /**
   * Gradient magnitude, |∂L/∂w|, of the batch at hand.
   *
   * @return the criterion
   */
  static ImportanceCriterion gradient() {
    return StandardCriterion.GRADIENT;
  }

  /**
   * First-order Taylor, |w·∂L/∂w|: how much the loss of the batch at hand changes if the weight
   * goes, to first order.
   *
   * <p>Source: P. Molchanov et al., 2017 (arXiv 1611.06440).
   *
   * @return the criterion
   */
  static ImportanceCriterion taylor() {
    return StandardCriterion.TAYLOR;
  }

  /**
   * SNIP: |w·∂L/∂w| at initialisation, on the first batch. An update at a later iteration is
   * refused, so it goes with a schedule that does all at iteration 0, {@code constant} for
   * instance. (SNIP divides by the sum over the network, which changes no rank and is left out.)
   *
   * <p>Source: N. Lee et al., 2019 (arXiv 1810.02340).
   *
   * @return the criterion
   */
  static ImportanceCriterion snip() {
    return StandardCriterion.SNIP;
  }

  /**
   * Movement, −Σ w·∂L/∂w over the iterations since the last update: remove what is on its way to
   * zero. Scores may be negative.
   *
   * <p>Source: V. Sanh et al., 2020 (arXiv 2005.07683).
   *
   * @return the criterion
   */
  static ImportanceCriterion movement() {
    return StandardCriterion.MOVEMENT;
  }

  /**
   * Magnitude relative to the initial value, |w| − |w₀|: remove what training has made smaller, or
   * grown least. Scores may be negative.
   *
   * <p>Source: "magnitude increase" of H. Zhou et al., "Deconstructing lottery tickets", 2019
   * (arXiv 1905.01067).
   *
   * @return the criterion
   */
  static ImportanceCriterion magnitudeIncrease() {
    return StandardCriterion.MAGNITUDE_INCREASE;
  }
}
