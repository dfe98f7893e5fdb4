package io.github.dl4jpruning.score;

import java.util.Set;

/**
 * Scores the importance of each weight: weights with low scores are removed first.
 *
 * <p>A criterion is a pure function of a {@link WeightTensor}. If it needs values from earlier
 * iterations, {@link #remembers} names them, and they are recorded for it. The criterion itself has
 * no state, so one instance serves any number of networks and threads.
 *
 * <p>Implementations are only called at mask updates, not in ordinary training steps.
 */
@FunctionalInterface
public interface ImportanceCriterion {

  /** What can be remembered between updates. It costs 8 bytes per weight, unless noted. */
  enum Memory {
    /** {@link WeightTensor#initialWeights}. */
    INITIAL_WEIGHTS,
    /** {@link WeightTensor#movement}; costs a pass over weights and gradient at every iteration. */
    MOVEMENT,
    /**
     * {@link WeightTensor#squaredGradients}; costs a pass over the gradient at every iteration, and
     * nothing where the updater keeps a mean of squares itself, such as Adam.
     */
    SQUARED_GRADIENTS,
    /**
     * {@link WeightTensor#squaredInputs}; costs a pass over the inputs of the layers at every 20th
     * iteration, and 8 bytes for each input of a layer.
     */
    SQUARED_INPUTS
  }

  /**
   * Scores every weight of one tensor. The scores of weights that are already removed are ignored.
   *
   * @param tensor the tensor; its arrays are copies that may be overwritten
   * @return one score per weight by flat index: finite numbers, also negative ones. It may be one
   *     of the tensor's own arrays. If a score is NaN or infinite, the update fails and no mask
   *     changes.
   */
  double[] score(WeightTensor tensor);

  /**
   * Returns what has to be recorded for this criterion between updates.
   *
   * @return nothing, unless overridden
   */
  default Set<Memory> remembers() {
    return Set.of();
  }

  /**
   * Magnitude, |w|: removes the weights nearest to zero.
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
   * depends only on the seed, the name of the parameter and the index.
   *
   * @param seed the seed of the scores
   * @return the criterion
   */
  static ImportanceCriterion random(long seed) {
    return new RandomCriterion(seed);
  }

  /**
   * Gradient magnitude, |∂L/∂w|, of the current batch.
   *
   * @return the criterion
   */
  static ImportanceCriterion gradient() {
    return StandardCriterion.GRADIENT;
  }

  /**
   * First-order Taylor, |w·∂L/∂w|: how much the loss of the current batch changes, to first order,
   * if the weight is removed.
   *
   * <p>Source: P. Molchanov et al., 2017 (arXiv 1611.06440).
   *
   * @return the criterion
   */
  static ImportanceCriterion taylor() {
    return StandardCriterion.TAYLOR;
  }

  /**
   * SNIP: |w·∂L/∂w| at initialisation, on the first batch. An update at a later iteration fails, so
   * use it with a schedule that removes everything at iteration 0, such as {@code constant}. (SNIP
   * divides by the sum over the network; this does not change the ranking and is left out.)
   *
   * <p>Source: N. Lee et al., 2019 (arXiv 1810.02340).
   *
   * @return the criterion
   */
  static ImportanceCriterion snip() {
    return StandardCriterion.SNIP;
  }

  /**
   * Movement, −Σ w·∂L/∂w over the iterations since the last update: removes the weights that move
   * towards zero. Scores may be negative.
   *
   * <p>Source: V. Sanh et al., 2020 (arXiv 2005.07683).
   *
   * @return the criterion
   */
  static ImportanceCriterion movement() {
    return StandardCriterion.MOVEMENT;
  }

  /**
   * Magnitude relative to the initial value, |w| − |w₀|: removes the weights that training has
   * shrunk most or grown least. Scores may be negative.
   *
   * <p>Source: "magnitude increase" of H. Zhou et al., "Deconstructing lottery tickets", 2019
   * (arXiv 1905.01067).
   *
   * @return the criterion
   */
  static ImportanceCriterion magnitudeIncrease() {
    return StandardCriterion.MAGNITUDE_INCREASE;
  }

  /**
   * Diagonal of the empirical Fisher matrix, w²·E[g²]: how much the loss grows, to second order, if
   * the weight is removed and the network has converged (twice that). E is an exponential mean over
   * the iterations with a decay of 0.999. Where the updater keeps such a mean (Adam, AMSGrad,
   * Nadam, RmsProp, AdaDelta), that one is used with its own decay, and nothing is recorded. g is
   * the mean gradient of a batch, so all this is the Fisher matrix up to a factor. All weights
   * share that factor if their updaters are alike; with different updaters use a distribution that
   * ranks within each tensor. With rules that let weights return, a mean of Adam begins anew for
   * them, so they are soon removed again.
   *
   * <p>Source: the saliency of Y. LeCun et al., "Optimal Brain Damage", 1989, with the Fisher
   * matrix in place of the Hessian as in L. Theis et al., 2018 (arXiv 1801.05787).
   *
   * @return the criterion
   */
  static ImportanceCriterion fisher() {
    return StandardCriterion.FISHER;
  }

  /**
   * Activation-aware magnitude, |w|·√E[x²], where x is the input that the weight reads: an
   * exponential mean over the batches of training. Only for layers whose inputs are read directly:
   * dense, output, convolution (1-D and 2-D), LSTM and SimpleRnn.
   *
   * <p>Source: M. Sun et al., "A Simple and Effective Pruning Approach for Large Language Models"
   * (Wanda), 2023 (arXiv 2306.11695).
   *
   * @return the criterion
   */
  static ImportanceCriterion activation() {
    return StandardCriterion.ACTIVATION;
  }

  /**
   * Like {@link #activation}, but compared only with the other weights of the same output, as in
   * the source: the score is the rank there, in (0, 1). So each output loses the same part.
   *
   * @return the criterion
   */
  static ImportanceCriterion activationPerOutput() {
    return StandardCriterion.ACTIVATION_PER_OUTPUT;
  }
}
