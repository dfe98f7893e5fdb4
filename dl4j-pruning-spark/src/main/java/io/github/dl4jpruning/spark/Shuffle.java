package io.github.dl4jpruning.spark;

import java.io.Serializable;

/**
 * A permutation of the numbers below a size that depends only on a key: the position of each
 * example in an epoch. It needs no list, so every executor can compute it, and a job that starts
 * again gets the same order.
 *
 * <p>A Feistel network of four rounds permutes the next power of four; numbers that leave the range
 * walk on until they are inside again (J. Black and P. Rogaway, "Ciphers with arbitrary finite
 * domains", 2002).
 *
 * @param size how many numbers there are, at least 1
 * @param key chooses the permutation
 */
record Shuffle(long size, long key) implements Serializable {

  private static final int ROUNDS = 4;

  /** Returns the position of a number below the size. */
  long position(long number) {
    int half = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
    long low = (1L << half) - 1;
    long position = number;
    do {
      long left = position >>> half;
      long right = position & low;
      for (int round = 0; round < ROUNDS; round++) {
        long next = left ^ (mixed(right, round) & low);
        left = right;
        right = next;
      }
      position = left << half | right;
    } while (position >= size);
    return position;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private long mixed(long value, int round) {
    long z = value + key + (round + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
