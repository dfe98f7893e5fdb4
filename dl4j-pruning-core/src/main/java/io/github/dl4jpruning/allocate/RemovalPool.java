package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * Tensors whose weights compete with each other, and how many of them go in all.
 *
 * @param tensors indices of the tensors, in the order in which ties are broken
 * @param removed number of weights that are removed once the pool is served, those removed before
 *     included; rounded half up to a whole weight, or to a whole unit of the pattern
 * @param keep for each tensor, how many of its weights stay in any case, at least 1
 */
public record RemovalPool(List<Integer> tensors, double removed, List<Long> keep) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if {@code removed} is negative or NaN, or there is not one
   *     {@code keep} of at least 1 per tensor
   */
  public RemovalPool {
    tensors = List.copyOf(tensors);
    keep = List.copyOf(keep);
    if (!(removed >= 0)) {
      throw new IllegalArgumentException("removed must be 0 or more, but is " + removed);
    }
    if (keep.size() != tensors.size() || keep.stream().anyMatch(k -> k < 1)) {
      throw new IllegalArgumentException(
          "expected to keep 1 or more weights of each of "
              + tensors.size()
              + " tensors, but found "
              + keep);
    }
  }

  /** A pool of one tensor. */
  static RemovalPool of(int index, Contender contender, double removed) {
    return new RemovalPool(
        List.of(index),
        Math.max(0, Math.min(removed, (double) (contender.weights() - contender.fewest()))),
        List.of(contender.keep()));
  }
}
