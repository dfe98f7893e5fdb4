package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * Tensors whose weights are ranked together, and the number of weights to remove.
 *
 * @param tensors indices of the tensors, in tie-breaking order
 * @param removed total number of removed weights after the update, including those removed before;
 *     rounded half up to whole weights, or to whole units of the pattern
 * @param keep for each tensor, the least number of weights to keep, at least 1
 */
public record RemovalPool(List<Integer> tensors, double removed, List<Long> keep) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if {@code removed} is negative or NaN, or {@code keep} does
   *     not have one number of at least 1 per tensor
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

  /** Returns a pool of one tensor. */
  static RemovalPool of(int index, Contender contender, double removed) {
    return new RemovalPool(
        List.of(index),
        Math.max(0, Math.min(removed, (double) (contender.weights() - contender.fewest()))),
        List.of(contender.keep()));
  }
}
