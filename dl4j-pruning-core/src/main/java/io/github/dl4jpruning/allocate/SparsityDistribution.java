package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * How a total sparsity is shared out between tensors.
 *
 * <p>Counts are exact: of n weights at sparsity s, round-half-up(s·n) go, computed in double, and
 * every tensor keeps at least one.
 */
@FunctionalInterface
public interface SparsityDistribution {

  /**
   * Shares out a sparsity.
   *
   * @param sizes number of weights of each tensor, each at least 1
   * @param sparsity fraction of all weights to be removed, in [0, 1)
   * @return pools in which every tensor stands exactly once
   */
  List<RemovalPool> allocate(List<Integer> sizes, double sparsity);

  /**
   * All tensors compete: the least important weights of the whole network go, wherever they are.
   * The total is exact.
   *
   * @return the distribution
   */
  static SparsityDistribution global() {
    return PoolingDistribution.GLOBAL;
  }

  /**
   * Every tensor gets the same sparsity, and its weights compete among themselves.
   *
   * @return the distribution
   */
  static SparsityDistribution uniform() {
    return PoolingDistribution.UNIFORM;
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
