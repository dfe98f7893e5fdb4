package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * Tensors whose weights compete with each other, and how many of them go in all.
 *
 * @param tensors indices of the tensors, in the order in which ties are broken
 * @param removed exact number of weights that are removed once the pool is served, those removed
 *     before included
 */
public record RemovalPool(List<Integer> tensors, long removed) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if {@code removed} is negative
   */
  public RemovalPool {
    tensors = List.copyOf(tensors);
    if (removed < 0) {
      throw new IllegalArgumentException("removed must be 0 or more, but is " + removed);
    }
  }
}
