package io.github.dl4jpruning.model;

import java.util.BitSet;

/**
 * The entries of a parameter vector that are kept when it gets shorter. They keep their order, so
 * the new index of an entry is the number of kept entries before it.
 */
final class KeptEntries {

  private final BitSet kept;

  KeptEntries(BitSet kept) {
    this.kept = kept;
  }

  /** Keeps every entry. */
  static KeptEntries all(int length) {
    BitSet all = new BitSet(length);
    all.set(0, length);
    return new KeptEntries(all);
  }

  int count() {
    return kept.cardinality();
  }

  int count(int from, int to) {
    return kept.get(from, to).cardinality();
  }

  /**
   * Returns the new index of an old one; for an entry that is not kept, that of the next kept
   * entry.
   */
  int before(int old) {
    return kept.get(0, old).cardinality();
  }

  /**
   * Copies the kept entries that both arrays cover.
   *
   * @param from element {@code fromStart + i} belongs to the old flat index {@code old + i}
   * @param oldEnd old flat index after the last element of {@code from}
   * @param to element {@code toStart + i} belongs to the new flat index {@code young + i}
   * @param youngEnd new flat index after the last element of {@code to}
   */
  void copy(
      FlatValues from,
      long fromStart,
      int old,
      int oldEnd,
      FlatValues to,
      long toStart,
      int young,
      int youngEnd) {
    int next = before(old);
    for (int i = kept.nextSetBit(old); i >= 0 && i < oldEnd; i = kept.nextSetBit(i + 1)) {
      if (next >= young && next < youngEnd) {
        to.set(toStart + next - young, from.get(fromStart + i - old));
      }
      next++;
    }
  }
}
