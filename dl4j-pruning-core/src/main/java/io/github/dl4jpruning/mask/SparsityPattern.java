package io.github.dl4jpruning.mask;

import java.util.List;

/** Which sets of weights may go: any single ones, or only some shapes. */
public sealed interface SparsityPattern {

  /**
   * New masks for tensors that compete with each other.
   *
   * @param pool the tensors, in the order in which ties are broken
   * @param removed exact number of weights that are removed in the end, those removed before
   *     included; at most what leaves each tensor one weight. Where the masks have as many already,
   *     they stay as they are.
   * @return one mask per tensor, in the same order
   * @throws IllegalArgumentException if a score is NaN or infinite, or {@code removed} is too large
   */
  List<Mask> select(List<ScoredTensor> pool, long removed);

  /**
   * Any weight may go on its own.
   *
   * @return the pattern
   */
  static SparsityPattern unstructured() {
    return new Unstructured();
  }

  /** See {@link #unstructured()}. */
  record Unstructured() implements SparsityPattern {
    @Override
    public List<Mask> select(List<ScoredTensor> pool, long removed) {
      return LowestScores.remove(pool, removed);
    }

    @Override
    public String toString() {
      return "unstructured";
    }
  }
}
