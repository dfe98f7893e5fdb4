package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * How a total sparsity is shared out between tensors.
 *
 * <p>Counts are exact: of n weights at sparsity s, round-half-up(s·n) go, computed in double, and
 * every tensor keeps at least one weight (or unit, where the pattern makes larger ones).
 */
@FunctionalInterface
public interface SparsityDistribution {

  /**
   * Shares out a sparsity.
   *
   * @param tensors all tensors that take part, by rising offset in the network
   * @param due what the schedule asks for
   * @return pools in which every tensor stands exactly once
   * @throws IllegalArgumentException if it cannot be met; the message says by how much and why
   */
  List<RemovalPool> allocate(List<Contender> tensors, Due due);

  /**
   * Whether {@link Contender#deviation} is needed.
   *
   * @return false unless overridden
   */
  default boolean needsDeviations() {
    return false;
  }

  /**
   * Whether {@link Due#progress} is needed, and so a schedule that knows its peak.
   *
   * @return false unless overridden
   */
  default boolean needsProgress() {
    return false;
  }

  /**
   * Whether it shares out the total that {@link Due#sparsity} asks for, so that another can be
   * built upon it. A budget and a threshold know their own end, and do not.
   *
   * @return true unless overridden
   */
  default boolean sharesTotal() {
    return true;
  }

  /**
   * All tensors compete: the least important weights of the whole network go, wherever they are.
   * The total is exact.
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
   * LAMP: a global ranking in which each score is first set against what its tensor would lose, so
   * that scaling a tensor changes nothing. The total is exact.
   *
   * @return the distribution
   */
  static SparsityDistribution lamp() {
    return new LampDistribution();
  }

  /**
   * An absolute budget: at the schedule's peak at most {@code weights} of all selected weights are
   * left (‖W‖₀ ≤ k), ranked globally. The schedule gives the way there and not the height.
   *
   * @param weights k, at least 1
   * @return the distribution
   * @throws IllegalArgumentException if {@code weights} is below 1
   */
  static SparsityDistribution budget(long weights) {
    return new BudgetDistribution(weights, global());
  }

  /**
   * An absolute threshold: at the schedule's peak every weight with a score (of magnitude: |w|)
   * below {@code threshold} goes. The schedule scales the threshold.
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
   * weight with a score (of magnitude: |w|) below q·σ goes. The schedule scales q.
   *
   * @param deviations q, above 0
   * @return the distribution
   * @throws IllegalArgumentException if {@code deviations} is not a finite number above 0
   */
  static SparsityDistribution thresholdInDeviations(double deviations) {
    return new ThresholdDistribution(deviations, true);
  }

  /**
   * This distribution with a target of its own for some layers. At the schedule's peak they have
   * just that sparsity; the others make up the difference, so that the total is what the schedule
   * asks for. Where every tensor has a target, the targets are the total.
   *
   * @param layers names of layers, which may hold {@code *} and {@code ?}
   * @param sparsity their sparsity at the schedule's peak, in [0, 1)
   * @return the distribution
   * @throws IllegalArgumentException if the sparsity or a name is bad
   */
  default SparsityDistribution withTarget(String layers, double sparsity) {
    return TargetsDistribution.over(this, LayerTarget.ofLayers(layers, sparsity));
  }

  /**
   * As {@link #withTarget}, by type of layer.
   *
   * @param type simple name of a layer's configuration class, which may hold {@code *} and {@code
   *     ?}
   * @param sparsity their sparsity at the schedule's peak, in [0, 1)
   * @return the distribution
   * @throws IllegalArgumentException if the sparsity or the name is bad
   */
  default SparsityDistribution withTypeTarget(String type, double sparsity) {
    return TargetsDistribution.over(this, LayerTarget.ofType(type, sparsity));
  }

  /**
   * This distribution with a floor: no tensor becomes sparser than {@code sparsity}. The others
   * make up the difference.
   *
   * @param sparsity highest sparsity of a tensor, in [0, 1]
   * @return the distribution
   * @throws IllegalArgumentException if it is outside of that
   */
  default SparsityDistribution neverAbove(double sparsity) {
    return new FloorDistribution(this, "*", sparsity, 1);
  }

  /**
   * This distribution with a floor for some layers.
   *
   * @param layers names of layers, which may hold {@code *} and {@code ?}
   * @param sparsity highest sparsity of their tensors, in [0, 1]
   * @return the distribution
   * @throws IllegalArgumentException if the sparsity or a name is bad
   */
  default SparsityDistribution neverAbove(String layers, double sparsity) {
    return new FloorDistribution(this, layers, sparsity, 1);
  }

  /**
   * This distribution with a floor: no tensor keeps fewer than {@code weights} weights, or all it
   * has where it has fewer. The others make up the difference.
   *
   * @param weights the least number of weights, at least 1
   * @return the distribution
   * @throws IllegalArgumentException if it is below 1
   */
  default SparsityDistribution neverFewerThan(long weights) {
    return new FloorDistribution(this, "*", 1.0, weights);
  }

  /**
   * The exact number of weights that a sparsity removes.
   *
   * @param size number of weights
   * @param sparsity fraction of them to be removed, in [0, 1)
   * @param keep weights that stay in any case
   * @return min(round-half-up(sparsity · size), size − keep)
   */
  static long removed(long size, double sparsity, long keep) {
    return Math.min((long) Math.floor(sparsity * size + 0.5), size - keep);
  }
}
