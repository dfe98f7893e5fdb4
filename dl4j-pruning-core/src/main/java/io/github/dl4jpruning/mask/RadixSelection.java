package io.github.dl4jpruning.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The selection kernel: finds, without sorting, the score up to which units must be removed to
 * remove a given number of weights, and cuts there. If units are single weights, this is the k-th
 * lowest score.
 *
 * <p>A score is mapped to a long whose signed order is the order of the scores. A histogram over
 * its upper 16 bits locates the bucket of the k-th lowest score; the next 16 bits split that bucket
 * further, until the rest is small enough to sort. So the scores are read a fixed number of times
 * (usually three) and never copied or moved. Sorting all scores or keeping a heap of the lowest
 * takes n·log n, and quickselect needs all scores in one array that it may reorder, so they are not
 * used. docs/benchmarks.md compares it with a sort.
 */
final class RadixSelection {

  private static final int DIGIT = 16;
  static final int BUCKETS = 1 << DIGIT;

  /** Buckets of at most this many scores are sorted. */
  private static final int SORTED_AT = 1 << 16;

  /** Up to this many units in total are sorted directly. */
  private static final int FEW = 1 << 12;

  /** Words of a mask in one task of parallel work: one million entries. */
  private static final int SLICE = 1 << 14;

  /** Below this number of entries, one thread is as fast. */
  private static final long PARALLEL_FROM = 1L << 19;

  private final List<ScoredTensor> pool;
  private final List<Slice> slices = new ArrayList<>();
  private final boolean parallel;
  private final long entries;

  /** A run of words in the mask of one tensor. */
  private record Slice(int tensor, int fromWord, int toWord) {}

  private RadixSelection(List<ScoredTensor> pool) {
    this.pool = pool;
    long all = 0;
    for (int t = 0; t < pool.size(); t++) {
      int length = pool.get(t).prior().length();
      int words = Mask.wordsFor(length);
      for (int from = 0; from < words; from += SLICE) {
        slices.add(new Slice(t, from, Math.min(words, from + SLICE)));
      }
      all += length;
    }
    this.entries = all;
    this.parallel = all >= PARALLEL_FROM;
  }

  /** Whether the unit at which the requested number of weights is reached is removed. */
  enum LastUnit {
    /** It is removed if at least half of it is requested. */
    TO_NEAREST,
    /** It is removed only if all of it is requested. */
    WHOLE
  }

  /**
   * Removes the candidates with the lowest scores; of equal scores, the last first.
   *
   * @param weights the number of weights to remove, above 0 and at most those of all candidates
   * @throws IllegalArgumentException if a score is not finite
   */
  static List<Mask> removeLowest(List<ScoredTensor> pool, double weights, LastUnit last) {
    RadixSelection selection = new RadixSelection(pool);
    return selection.cut(selection.keyAtRank((long) Math.ceil(weights)), weights, last);
  }

  /** Maps scores to longs of the same order; adding 0.0 turns −0.0 into 0.0. */
  private static long key(double score) {
    long bits = Double.doubleToRawLongBits(score + 0.0);
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  /** Returns the upper bits of a key, as an unsigned number. */
  private static long prefix(long key, int bits) {
    return bits == 0 ? 0 : (key ^ Long.MIN_VALUE) >>> (Long.SIZE - bits);
  }

  /** Returns the bucket of a score, by the upper bits of its key. */
  static int firstDigit(double score) {
    return (int) prefix(key(score), DIGIT);
  }

  /** Returns the lowest score of a bucket, which bounds the scores of the bucket below. */
  static double lowestOf(int bucket) {
    long key = (long) bucket << (Long.SIZE - DIGIT) ^ Long.MIN_VALUE;
    return Double.longBitsToDouble(key ^ (key >> 63 & Long.MAX_VALUE));
  }

  /** Returns the key of the candidate that holds the {@code rank}-th lowest weight, from 1. */
  private long keyAtRank(long rank) {
    boolean single = pool.stream().allMatch(tensor -> tensor.sizes().areOnes());
    if (entries <= FEW) {
      return keyAtRankBySorting(rank);
    }
    long wanted = 0; // the upper bits known so far
    long left = rank;
    for (int known = 0; ; ) {
      long[] histogram = histogram(known, wanted);
      if (known == 0) {
        checkFinite(histogram);
      }
      int bucket = 0;
      while (left > histogram[bucket]) {
        left -= histogram[bucket++];
      }
      wanted = wanted << DIGIT | bucket;
      known += DIGIT;
      if (known == Long.SIZE) {
        return wanted ^ Long.MIN_VALUE;
      }
      if (single && histogram[bucket] <= SORTED_AT) {
        long[] keys = gather(known, wanted);
        Arrays.sort(keys);
        return keys[(int) left - 1];
      }
    }
  }

  /** Does the same by sorting, for few units, for which a histogram would cost more. */
  private long keyAtRankBySorting(long rank) {
    LongBag keys = new LongBag();
    LongBag sizes = new LongBag();
    for (Slice slice : slices) {
      UnitSizes own = pool.get(slice.tensor()).sizes();
      forEachKey(
          slice,
          (key, unit) -> {
            keys.add(key);
            sizes.add(own.of(unit));
          });
    }
    Integer[] order = new Integer[keys.size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong(i -> keys.values[i]));
    if (keys.values[order[0]] <= key(Double.NEGATIVE_INFINITY)
        || keys.values[order[order.length - 1]] >= key(Double.POSITIVE_INFINITY)) {
      throw notFinite();
    }
    long left = rank;
    int position = 0;
    while (left > sizes.values[order[position]]) {
      left -= sizes.values[order[position++]];
    }
    return keys.values[order[position]];
  }

  /**
   * Returns a histogram, by next digit, of the total sizes of the candidates whose first {@code
   * known} bits are {@code wanted}.
   */
  private long[] histogram(int known, long wanted) {
    return stream()
        .map(
            slice -> {
              long[] counts = new long[BUCKETS];
              int shift = Long.SIZE - known - DIGIT;
              UnitSizes sizes = pool.get(slice.tensor()).sizes();
              // Two loops, because most mask updates spend their time in the plain one.
              if (sizes.areOnes()) {
                forEachKey(
                    slice,
                    (key, unit) -> {
                      if (prefix(key, known) == wanted) {
                        counts[(int) ((key ^ Long.MIN_VALUE) >>> shift) & (BUCKETS - 1)]++;
                      }
                    });
              } else {
                forEachKey(
                    slice,
                    (key, unit) -> {
                      if (prefix(key, known) == wanted) {
                        counts[(int) ((key ^ Long.MIN_VALUE) >>> shift) & (BUCKETS - 1)] +=
                            sizes.of(unit);
                      }
                    });
              }
              return counts;
            })
        .collect(
            () -> new long[BUCKETS],
            (sum, counts) -> Arrays.setAll(sum, i -> sum[i] + counts[i]),
            (sum, more) -> Arrays.setAll(sum, i -> sum[i] + more[i]));
  }

  private long[] gather(int known, long wanted) {
    return stream()
        .flatMapToLong(
            slice -> {
              LongBag found = new LongBag();
              forEachKey(
                  slice,
                  (key, unit) -> {
                    if (prefix(key, known) == wanted) {
                      found.add(key);
                    }
                  });
              return Arrays.stream(found.values, 0, found.size);
            })
        .toArray();
  }

  private Stream<Slice> stream() {
    return parallel ? slices.parallelStream() : slices.stream();
  }

  /** Processes the key and the index of a unit. */
  private interface KeyAction {
    void accept(long key, int unit);
  }

  private void forEachKey(Slice slice, KeyAction action) {
    ScoredTensor tensor = pool.get(slice.tensor());
    double[] scores = tensor.scores();
    for (int w = slice.fromWord(); w < slice.toWord(); w++) {
      long candidates = tensor.candidates().word(w);
      int base = w * Mask.WORD;
      if (candidates == -1L) {
        for (int i = base; i < base + Mask.WORD; i++) {
          action.accept(key(scores[i]), i);
        }
      } else {
        for (; candidates != 0; candidates &= candidates - 1) {
          int i = base + Long.numberOfTrailingZeros(candidates);
          action.accept(key(scores[i]), i);
        }
      }
    }
  }

  /**
   * Checks scores by their first digit. It holds the exponent, so non-finite scores have separate
   * buckets.
   */
  private void checkFinite(long[] firstDigits) {
    int negative = (int) prefix(key(Double.NEGATIVE_INFINITY), DIGIT);
    int positive = (int) prefix(key(Double.POSITIVE_INFINITY), DIGIT);
    boolean finite =
        IntStream.range(0, BUCKETS)
            .filter(i -> i <= negative || i >= positive)
            .allMatch(i -> firstDigits[i] == 0);
    if (!finite) {
      throw notFinite();
    }
  }

  /** Returns an exception that names the first non-finite score. */
  private IllegalArgumentException notFinite() {
    for (ScoredTensor tensor : pool) {
      for (int i = 0; i < tensor.scores().length; i++) {
        if (tensor.candidates().isKept(i) && !Double.isFinite(tensor.scores()[i])) {
          return new IllegalArgumentException(
              tensor.name()
                  + ": expected finite scores, but the score at flat index "
                  + i
                  + " is "
                  + tensor.scores()[i]);
        }
      }
    }
    throw new IllegalStateException("every score is finite");
  }

  /**
   * Removes all candidates below the threshold, and of those at the threshold as many as are still
   * due, the last first.
   */
  private List<Mask> cut(long threshold, double weights, LastUnit last) {
    long[][] words =
        pool.stream().map(t -> new long[Mask.wordsFor(t.prior().length())]).toArray(long[][]::new);
    long below =
        stream().mapToLong(slice -> removeBelow(slice, threshold, words[slice.tensor()])).sum();
    double due = weights - below;
    for (int t = pool.size() - 1; due > 0; t--) {
      due = removeLastTies(pool.get(t), threshold, words[t], due, last);
    }
    return IntStream.range(0, pool.size())
        .mapToObj(t -> new Mask(pool.get(t).prior().length(), words[t]))
        .toList();
  }

  private long removeBelow(Slice slice, long threshold, long[] words) {
    ScoredTensor tensor = pool.get(slice.tensor());
    double[] scores = tensor.scores();
    UnitSizes sizes = tensor.sizes();
    boolean ones = sizes.areOnes();
    long removed = 0;
    for (int w = slice.fromWord(); w < slice.toWord(); w++) {
      long candidates = tensor.candidates().word(w);
      int base = w * Mask.WORD;
      int inWord = Math.min(Mask.WORD, scores.length - base);
      long atLeast = 0;
      for (int i = 0; i < inWord; i++) {
        atLeast |= (key(scores[base + i]) >= threshold ? 1L : 0L) << i;
      }
      long gone = candidates & ~atLeast;
      words[w] = tensor.prior().word(w) & ~gone;
      if (ones) {
        removed += Long.bitCount(gone);
      } else {
        for (; gone != 0; gone &= gone - 1) {
          removed += sizes.of(base + Long.numberOfTrailingZeros(gone));
        }
      }
    }
    return removed;
  }

  /**
   * Removes candidates at the threshold from the end of a tensor. Returns the number of weights
   * still due, 0 if the last unit was reached.
   */
  private static double removeLastTies(
      ScoredTensor tensor, long threshold, long[] words, double weights, LastUnit last) {
    double due = weights;
    for (int w = words.length - 1; w >= 0 && due > 0; w--) {
      for (long left = words[w] & tensor.candidates().word(w); left != 0 && due > 0; ) {
        int i = Long.SIZE - 1 - Long.numberOfLeadingZeros(left);
        left ^= 1L << i;
        int unit = w * Mask.WORD + i;
        if (key(tensor.scores()[unit]) == threshold) {
          int size = tensor.sizes().of(unit);
          if (due >= size || (last == LastUnit.TO_NEAREST && 2 * due >= size)) {
            words[w] ^= 1L << i;
          }
          due = Math.max(0.0, due - size);
        }
      }
    }
    return due;
  }

  /** A growing array of longs. */
  private static final class LongBag {
    private long[] values = new long[256];
    private int size;

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }
  }
}
