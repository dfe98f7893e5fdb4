package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * Decides how a total sparsity is distributed over tensors.
 *
 * <p>Counts are exact: of n weights at sparsity s, round-half-up(s·n) are removed, computed in
 * double. Every tensor keeps at least one weight (or one unit, if the pattern has larger units).
 */
@FunctionalInterface
public interface SparsityDistribution {

  /**
   * Distributes a sparsity.
   *
   * @param tensors all tensors that take part, in order of offset in the network
   * @param due the sparsity that the schedule requires
   * @return pools that contain every tensor exactly once
   * @throws IllegalArgumentException if the sparsity cannot be met; the message names the
   *     difference and the cause
   */
  List<RemovalPool> allocate(List<Contender> tensors, Due due);

  /**
   * Returns whether {@link Contender#deviation} is needed.
   *
   * @return false unless overridden
   */
  default boolean needsDeviations() {
    return false;
  }

  /**
   * Returns whether {@link Due#progress} is needed, and therefore a schedule that knows its peak.
   *
   * @return false unless overridden
   */
  default boolean needsProgress() {
    return false;
  }

  /**
   * Returns whether this distributes the total {@link Due#sparsity}, so that another distribution
   * can build on it. A budget and a threshold set their own total and do not.
   *
   * @return true unless overridden
   */
  default boolean sharesTotal() {
    return true;
  }

  /**
   * All tensors compete: the least important weights of the whole network are removed, wherever
   * they are. The total is exact.
   *
   * @return the distribution
   */
  static SparsityDistribution global() {
    return new GlobalDistribution();
  }

  /**
   * Every tensor gets the same sparsity, and its weights compete among themselves.
   *
   * @return the distribution
   */
  static SparsityDistribution uniform() {
    return new UniformDistribution();
  }

  /**
   * Erdős–Rényi–Kernel: the density of a tensor is proportional to the sum of its dimensions over
   * their product, at most 1. Large tensors become sparser than small ones. The total is exact.
   *
   * @return the distribution
   */
  static SparsityDistribution erdosRenyiKernel() {
    return new ErdosRenyiKernelDistribution();
  }

  /**
   * LAMP: a global ranking in which each squared score is divided by the sum of all squared scores
   * of its tensor that are at least as high, so that scaling a tensor changes nothing. The total is
   * exact.
   *
   * @return the distribution
   */
  static SparsityDistribution lamp() {
    return new LampDistribution();
  }

  /**
   * An absolute budget: at the schedule's peak at most {@code weights} of all selected weights are
   * kept (‖W‖₀ ≤ k), ranked globally. The schedule determines only the path to the budget.
   *
   * @param weights k, at least 1
   * @return the distribution
   * @throws IllegalArgumentException if {@code weights} is below 1
   */
  static SparsityDistribution budget(long weights) {
    return new BudgetDistribution(weights, global());
  }

  /**
   * An absolute threshold: at the schedule's peak every weight with a score (for magnitude: |w|)
   * below {@code threshold} is removed. The schedule scales the threshold.
   *
   * @param threshold τ, above 0
   * @return the distribution
   * @throws IllegalArgumentException if {@code threshold} is not a finite number above 0
   */
  static SparsityDistribution threshold(double threshold) {
    return new ThresholdDistribution(threshold, false);
  }

  /**
   * A threshold per tensor in standard deviations of its weights: at the schedule's peak every
   * weight with a score (for magnitude: |w|) below q·σ is removed. The schedule scales q.
   *
   * @param deviations q, above 0
   * @return the distribution
   * @throws IllegalArgumentException if {@code deviations} is not a finite number above 0
   */
  static SparsityDistribution thresholdInDeviations(double deviations) {
    return new ThresholdDistribution(deviations, true);
  }

  /**
   * Returns this distribution with a separate target for some layers. At the schedule's peak they
   * have exactly that sparsity. The other layers make up the difference, so that the total is what
   * the schedule requires. If every tensor has a target, the targets determine the total.
   *
   * @param layers names of layers; may contain {@code *} and {@code ?}
   * @param sparsity their sparsity at the schedule's peak, in [0, 1)
   * @return the distribution
   * @throws IllegalArgumentException if the sparsity or a name is invalid
   */
  default SparsityDistribution withTarget(String layers, double sparsity) {
    return TargetsDistribution.over(this, LayerTarget.ofLayers(layers, sparsity));
  }

  /**
   * Like {@link #withTarget}, by type of layer.
   *
   * @param type simple name of a layer's configuration class; may contain {@code *} and {@code ?}
   * @param sparsity their sparsity at the schedule's peak, in [0, 1)
   * @return the distribution
   * @throws IllegalArgumentException if the sparsity or the name is invalid
   */
  default SparsityDistribution withTypeTarget(String type, double sparsity) {
    return TargetsDistribution.over(this, LayerTarget.ofType(type, sparsity));
  }

  /**
   * Returns this distribution with a floor: no tensor becomes sparser than {@code sparsity}. The
   * other tensors make up the difference.
   *
   * @param sparsity highest sparsity of a tensor, in [0, 1]
   * @return the distribution
   * @throws IllegalArgumentException if {@code sparsity} is out of range
   */
  default SparsityDistribution neverAbove(double sparsity) {
    return new FloorDistribution(this, "*", sparsity, 1);
  }

  /**
   * Returns this distribution with a floor for some layers.
   *
   * @param layers names of layers; may contain {@code *} and {@code ?}
   * @param sparsity highest sparsity of their tensors, in [0, 1]
   * @return the distribution
   * @throws IllegalArgumentException if the sparsity or a name is invalid
   */
  default SparsityDistribution neverAbove(String layers, double sparsity) {
    return new FloorDistribution(this, layers, sparsity, 1);
  }

  /**
   * Returns this distribution with a floor: every tensor keeps at least {@code weights} weights, or
   * all if it has fewer. The other tensors make up the difference.
   *
   * @param weights the least number of weights, at least 1
   * @return the distribution
   * @throws IllegalArgumentException if {@code weights} is below 1
   */
  default SparsityDistribution neverFewerThan(long weights) {
    return new FloorDistribution(this, "*", 1.0, weights);
  }

  /**
   * Returns the exact number of weights that a sparsity removes.
   *
   * @param size number of weights
   * @param sparsity fraction of them to remove, in [0, 1)
   * @param keep the least number of weights to keep
   * @return min(round-half-up(sparsity · size), size − keep)
   */
  static long removed(long size, double sparsity, long keep) {
    return Math.min((long) Math.floor(sparsity * size + 0.5), size - keep);
  }
}
