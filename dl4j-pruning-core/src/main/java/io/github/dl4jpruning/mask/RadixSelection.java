package io.github.dl4jpruning.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The kernel: finds the k-th lowest score without sorting, and cuts there.
 *
 * <p>A score becomes a long whose signed order is the order of the scores. A histogram over its
 * upper 16 bits says in which bucket the k-th lowest lies; the next 16 bits split that bucket
 * further, until what is left is small enough to be sorted. So the scores are read a fixed number
 * of times (three, as a rule) and never copied or moved. A sort of all scores and a heap of the
 * lowest are n·log n, and quickselect wants all scores in one array that it may reorder; so none of
 * them is here. Figures against a sort are in docs/benchmarks.md.
 */
final class RadixSelection {

  private static final int DIGIT = 16;
  private static final int BUCKETS = 1 << DIGIT;

  /** Buckets of at most this many scores are sorted. */
  private static final int SORTED_AT = 1 << 16;

  /** Words of a mask in one unit of parallel work: one million entries. */
  private static final int SLICE = 1 << 14;

  /** Below this number of entries, one thread is as fast. */
  private static final long PARALLEL_FROM = 1L << 19;

  private final List<ScoredTensor> pool;
  private final List<Slice> slices = new ArrayList<>();
  private final boolean parallel;

  /** A run of words in the mask of one tensor. */
  private record Slice(int tensor, int fromWord, int toWord) {}

  private RadixSelection(List<ScoredTensor> pool) {
    this.pool = pool;
    long entries = 0;
    for (int t = 0; t < pool.size(); t++) {
      int length = pool.get(t).prior().length();
      int words = Mask.wordsFor(length);
      for (int from = 0; from < words; from += SLICE) {
        slices.add(new Slice(t, from, Math.min(words, from + SLICE)));
      }
      entries += length;
    }
    this.parallel = entries >= PARALLEL_FROM;
  }

  /**
   * Removes the {@code count} lowest of the entries that the prior masks keep; of equal ones, the
   * last.
   *
   * @throws IllegalArgumentException if a score is not finite
   */
  static List<Mask> removeLowest(List<ScoredTensor> pool, long count) {
    RadixSelection selection = new RadixSelection(pool);
    return selection.cut(selection.keyAtRank(count), count);
  }

  /** Maps scores to longs of the same order; adding 0.0 turns −0.0 into 0.0. */
  private static long key(double score) {
    long bits = Double.doubleToRawLongBits(score + 0.0);
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  /** The upper bits of a key, as an unsigned number. */
  private static long prefix(long key, int bits) {
    return bits == 0 ? 0 : (key ^ Long.MIN_VALUE) >>> (Long.SIZE - bits);
  }

  /** The key of the {@code rank}-th lowest kept entry, counted from 1. */
  private long keyAtRank(long rank) {
    long wanted = 0; // the upper bits that are known by now
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
      if (histogram[bucket] <= SORTED_AT) {
        long[] keys = gather(known, wanted);
        Arrays.sort(keys);
        return keys[(int) left - 1];
      }
    }
  }

  /**
   * Counts, by their next digit, the kept entries whose first {@code known} bits are {@code
   * wanted}.
   */
  private long[] histogram(int known, long wanted) {
    return stream()
        .map(
            slice -> {
              int[] counts = new int[BUCKETS];
              int shift = Long.SIZE - known - DIGIT;
              forEachKey(
                  slice,
                  key -> {
                    if (prefix(key, known) == wanted) {
                      counts[(int) ((key ^ Long.MIN_VALUE) >>> shift) & (BUCKETS - 1)]++;
                    }
                  });
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
                  key -> {
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

  private void forEachKey(Slice slice, LongConsumer action) {
    ScoredTensor tensor = pool.get(slice.tensor());
    double[] scores = tensor.scores();
    for (int w = slice.fromWord(); w < slice.toWord(); w++) {
      long kept = tensor.prior().word(w);
      int base = w * Mask.WORD;
      if (kept == -1L) {
        for (int i = base; i < base + Mask.WORD; i++) {
          action.accept(key(scores[i]));
        }
      } else {
        for (; kept != 0; kept &= kept - 1) {
          action.accept(key(scores[base + Long.numberOfTrailingZeros(kept)]));
        }
      }
    }
  }

  /**
   * The first digit holds the exponent, so scores that are not finite have buckets of their own.
   */
  private void checkFinite(long[] firstDigits) {
    int negative = (int) prefix(key(Double.NEGATIVE_INFINITY), DIGIT);
    int positive = (int) prefix(key(Double.POSITIVE_INFINITY), DIGIT);
    boolean finite =
        IntStream.range(0, BUCKETS)
            .filter(i -> i <= negative || i >= positive)
            .allMatch(i -> firstDigits[i] == 0);
    if (finite) {
      return;
    }
    for (ScoredTensor tensor : pool) {
      for (int i = 0; i < tensor.scores().length; i++) {
        if (tensor.prior().isKept(i) && !Double.isFinite(tensor.scores()[i])) {
          throw new IllegalArgumentException(
              tensor.name()
                  + ": expected finite scores, but the score at flat index "
                  + i
                  + " is "
                  + tensor.scores()[i]);
        }
      }
    }
  }

  /**
   * Removes all entries below the threshold, and as many of those at it, the last ones first, as
   * are still due.
   */
  private List<Mask> cut(long threshold, long count) {
    long[][] words =
        pool.stream().map(t -> new long[Mask.wordsFor(t.prior().length())]).toArray(long[][]::new);
    long below =
        stream().mapToLong(slice -> removeBelow(slice, threshold, words[slice.tensor()])).sum();
    long ties = count - below;
    for (int t = pool.size() - 1; ties > 0; t--) {
      ties = removeLastTies(pool.get(t).scores(), threshold, words[t], ties);
    }
    return IntStream.range(0, pool.size())
        .mapToObj(t -> new Mask(pool.get(t).prior().length(), words[t]))
        .toList();
  }

  private long removeBelow(Slice slice, long threshold, long[] words) {
    ScoredTensor tensor = pool.get(slice.tensor());
    double[] scores = tensor.scores();
    long removed = 0;
    for (int w = slice.fromWord(); w < slice.toWord(); w++) {
      long prior = tensor.prior().word(w);
      int base = w * Mask.WORD;
      int inWord = Math.min(Mask.WORD, scores.length - base);
      long atLeast = 0;
      for (int i = 0; i < inWord; i++) {
        atLeast |= (key(scores[base + i]) >= threshold ? 1L : 0L) << i;
      }
      words[w] = prior & atLeast;
      removed += Long.bitCount(prior) - Long.bitCount(words[w]);
    }
    return removed;
  }

  /**
   * Removes up to {@code ties} entries at the threshold from the end of a tensor; returns how many
   * are still due.
   */
  private static long removeLastTies(double[] scores, long threshold, long[] words, long ties) {
    long left = ties;
    for (int w = words.length - 1; w >= 0 && left > 0; w--) {
      for (long kept = words[w]; kept != 0 && left > 0; ) {
        int i = Long.SIZE - 1 - Long.numberOfLeadingZeros(kept);
        kept ^= 1L << i;
        if (key(scores[w * Mask.WORD + i]) == threshold) {
          words[w] ^= 1L << i;
          left--;
        }
      }
    }
    return left;
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
