package io.github.dl4jpruning.mask;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The kept entries of one tensor: one bit per entry, by flat index. Immutable.
 *
 * <p>The flat index is the position in the tensor's own memory order, which is its order in the
 * network's parameter vector.
 */
public final class Mask {

  /** Entries in one word. */
  public static final int WORD = Long.SIZE;

  private final int length;
  private final int removed;

  /** Bit i of word w is 1 if entry 64·w + i is kept. Bits past the length are 0. */
  private final long[] words;

  /** Takes ownership of the array; bits past the length must be 0. */
  Mask(int length, long[] words) {
    int kept = 0;
    for (long word : words) {
      kept += Long.bitCount(word);
    }
    this.length = length;
    this.words = words;
    this.removed = length - kept;
  }

  /**
   * Returns a mask that keeps everything.
   *
   * @param length number of entries, at least 1
   * @return the mask
   * @throws IllegalArgumentException if {@code length} is below 1
   */
  public static Mask dense(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("length must be 1 or more, but is " + length);
    }
    long[] words = new long[wordsFor(length)];
    Arrays.fill(words, -1L);
    int tail = length % WORD;
    if (tail != 0) {
      words[words.length - 1] = (1L << tail) - 1;
    }
    return new Mask(length, words);
  }

  /**
   * Returns a mask from its entries.
   *
   * @param kept for each entry by flat index, whether it is kept; at least one entry
   * @return the mask
   */
  public static Mask of(boolean... kept) {
    long[] words = dense(kept.length).words;
    for (int i = 0; i < kept.length; i++) {
      if (!kept[i]) {
        words[i / WORD] &= ~(1L << i);
      }
    }
    return new Mask(kept.length, words);
  }

  /**
   * Returns a mask from a set of kept entries.
   *
   * @param length number of entries, at least 1
   * @param kept the flat indices of the kept entries, all below {@code length}
   * @return the mask
   * @throws IllegalArgumentException if {@code length} is below 1 or an index is not below it
   */
  public static Mask of(int length, BitSet kept) {
    if (length < 1 || kept.length() > length) {
      throw new IllegalArgumentException(
          "length must be 1 or more and above all indices, but is "
              + length
              + ", and the highest index is "
              + (kept.length() - 1));
    }
    return new Mask(length, Arrays.copyOf(kept.toLongArray(), wordsFor(length)));
  }

  static int wordsFor(int length) {
    return (int) (((long) length + WORD - 1) / WORD);
  }

  /** Returns the number of entries. * @return the length, at least 1 */
  public int length() {
    return length;
  }

  /**
   * Returns the number of removed entries.
   *
   * @return a count from 0 to the length
   */
  public int removed() {
    return removed;
  }

  /**
   * Returns the number of kept entries.
   *
   * @return a count from 0 to the length
   */
  public int kept() {
    return length - removed;
  }

  /**
   * Returns whether an entry is kept.
   *
   * @param index flat index
   * @return true if kept, false if removed
   * @throws IndexOutOfBoundsException if there is no such entry
   */
  public boolean isKept(int index) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException("index " + index + " of a mask of length " + length);
    }
    return (words[index / WORD] >>> index & 1L) != 0;
  }

  /**
   * Returns the number of words.
   *
   * @return ⌈length / 64⌉
   */
  public int words() {
    return words.length;
  }

  /**
   * Returns 64 entries at once.
   *
   * @param word index of the word, from 0
   * @return bit i is 1 if entry 64·word + i is kept; bits past the length are 0
   */
  public long word(int word) {
    return words[word];
  }

  /**
   * Returns the entries that this mask keeps and another mask removes.
   *
   * @param other a mask of the same length
   * @return a mask that keeps those entries and removes all others
   * @throws IllegalArgumentException if the lengths differ
   */
  public Mask minus(Mask other) {
    if (other.length != length) {
      throw new IllegalArgumentException(
          "expected a mask of length " + length + ", but found one of " + other.length);
    }
    long[] result = new long[words.length];
    for (int w = 0; w < words.length; w++) {
      result[w] = words[w] & ~other.words[w];
    }
    return new Mask(length, result);
  }

  /**
   * Returns the entries that both masks keep.
   *
   * @param other a mask of the same length
   * @return a mask that keeps those entries and removes all others
   * @throws IllegalArgumentException if the lengths differ
   */
  public Mask and(Mask other) {
    return minus(other.complement());
  }

  /**
   * Returns the entries in which two masks differ.
   *
   * @param other a mask of the same length
   * @return a mask that keeps those entries and removes all others
   * @throws IllegalArgumentException if the lengths differ
   */
  public Mask xor(Mask other) {
    Mask only = minus(other);
    Mask onlyOther = other.minus(this);
    long[] result = new long[words.length];
    for (int w = 0; w < words.length; w++) {
      result[w] = only.words[w] | onlyOther.words[w];
    }
    return new Mask(length, result);
  }

  /**
   * Returns the complement.
   *
   * @return a mask that keeps the entries that this one removes
   */
  public Mask complement() {
    return dense(length).minus(this);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mask mask && mask.length == length && Arrays.equals(mask.words, words);
  }

  @Override
  public int hashCode() {
    return 31 * length + Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return "Mask[" + kept() + " of " + length + " kept]";
  }
}
