package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.mask.RadixSelection.LastUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Counts the weights that each tensor loses in a global ranking by LAMP: score(u) = x_u² / Σ x_v²,
 * over the kept units v of the same tensor with x_v ≥ x_u. A score x below zero is used unchanged,
 * so that it ranks below all others, in the order of x.
 *
 * <p>Within a tensor the order is that of x, so only the counts are needed, and LAMP scores are
 * computed only where they decide. A histogram over the upper bits of x, with the sum of squares in
 * each bucket, bounds the LAMP scores in every bucket from both sides. The bounds bracket the
 * threshold, and only the few buckets that overlap the bracket are sorted. The rest takes linear
 * time.
 *
 * <p>Source: J. Lee et al., "Layer-adaptive sparsity for the magnitude-based pruning", 2021 (arXiv
 * 2010.07611).
 */
public final class LampRanking {

  /** Pruning units in one task of parallel work. */
  private static final int SLICE = 1 << 20;

  /** Up to this many units, everything is sorted. */
  private static final int SORTED_AT = 1 << 14;

  private LampRanking() {}

  /**
   * Ranks the units of all tensors and counts the removals.
   *
   * @param pool the tensors, in tie-breaking order
   * @param due the number of weights to remove now, at most those of all candidates
   * @return for each tensor, the number of weights to remove
   */
  public static long[] removals(List<ScoredTensor> pool, double due) {
    long[] result = new long[pool.size()];
    if (due < 0.5) {
      return result;
    }
    int[] from = new int[pool.size()];
    int[] to = new int[pool.size()];
    double[] squaresAbove = new double[pool.size()];
    if (pool.stream().mapToLong(tensor -> tensor.scores().length).sum() <= SORTED_AT) {
      for (int t = 0; t < to.length; t++) {
        to[t] = pool.get(t).candidates().kept() == 0 ? -1 : RadixSelection.BUCKETS - 1;
      }
      decide(pool, from, to, squaresAbove, due, result);
      return result;
    }
    List<Histogram> histograms = pool.stream().map(Histogram::of).toList();
    List<Bucket> buckets = new ArrayList<>();
    for (int t = 0; t < pool.size(); t++) {
      histograms.get(t).addBuckets(t, buckets);
    }
    double lowest = atRank(buckets, Comparator.comparingDouble(Bucket::low), due).low();
    double highest = atRank(buckets, Comparator.comparingDouble(Bucket::high), due).high();
    double left = due;
    Arrays.fill(from, Integer.MAX_VALUE);
    Arrays.fill(to, -1);
    for (Bucket bucket : buckets) {
      int t = bucket.tensor();
      if (bucket.high() < lowest) {
        result[t] += bucket.weights();
        left -= bucket.weights();
      } else if (bucket.low() <= highest) {
        from[t] = Math.min(from[t], bucket.index());
        to[t] = Math.max(to[t], bucket.index());
      }
    }
    for (int t = 0; t < to.length; t++) {
      squaresAbove[t] = to[t] < 0 ? 0 : histograms.get(t).squaresAbove[to[t]];
    }
    decide(pool, from, to, squaresAbove, left, result);
    return result;
  }

  /** Ranks the units in undecided buckets by their exact scores. */
  private static void decide(
      List<ScoredTensor> pool,
      int[] from,
      int[] to,
      double[] squaresAbove,
      double due,
      long[] result) {
    List<ScoredTensor> undecided = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    for (int t = 0; t < pool.size(); t++) {
      if (to[t] >= 0) {
        undecided.add(scores(pool.get(t), from[t], to[t], squaresAbove[t]));
        owners.add(t);
      }
    }
    if (due < 0.5 || undecided.isEmpty()) {
      return;
    }
    List<Mask> masks = RadixSelection.removeLowest(undecided, due, LastUnit.TO_NEAREST);
    for (int i = 0; i < masks.size(); i++) {
      UnitSizes sizes = undecided.get(i).sizes();
      result[owners.get(i)] += sizes.total() - sizes.kept(masks.get(i));
    }
  }

  private static Bucket atRank(List<Bucket> buckets, Comparator<Bucket> order, double rank) {
    List<Bucket> sorted = buckets.stream().sorted(order).toList();
    double left = rank;
    for (Bucket bucket : sorted) {
      left -= bucket.weights();
      if (left <= 0) {
        return bucket;
      }
    }
    return sorted.get(sorted.size() - 1);
  }

  /** Returns the candidates in a range of buckets, with their LAMP scores. */
  private static ScoredTensor scores(ScoredTensor tensor, int from, int to, double squaresAbove) {
    double[] scores = tensor.scores();
    double[] kept = gather(scores, tensor.prior(), from, to);
    Arrays.parallelSort(kept);
    double[] squares = new double[kept.length + 1];
    squares[kept.length] = squaresAbove;
    for (int i = kept.length - 1; i >= 0; i--) {
      squares[i] = squares[i + 1] + square(kept[i]);
    }
    boolean all = tensor.candidates().equals(tensor.prior()) && tensor.sizes().areOnes();
    int[] units = all ? new int[0] : units(scores, tensor.candidates(), from, to);
    double[] candidates =
        all ? kept : Arrays.stream(units).mapToDouble(unit -> scores[unit]).toArray();
    double[] lamp = new double[candidates.length];
    int first = 0;
    for (int i = 0; i < lamp.length; i++) {
      double x = candidates[i];
      if (!all) {
        first = firstAtLeast(kept, x);
      } else if (x != kept[first]) {
        first = i; // equal scores share the sum that starts at the first of them
      }
      lamp[i] = x < 0 ? x : square(x) == 0 ? 0 : square(x) / squares[first];
    }
    UnitSizes sizes =
        all
            ? UnitSizes.ones(lamp.length)
            : UnitSizes.of(Arrays.stream(units).map(tensor.sizes()::of).toArray());
    Mask dense = Mask.dense(lamp.length);
    return new ScoredTensor(tensor.name(), lamp, dense, dense, sizes);
  }

  private static int firstAtLeast(double[] sorted, double x) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double square(double x) {
    return x > 0 ? x * x : 0;
  }

  private static double[] gather(double[] scores, Mask mask, int from, int to) {
    return Arrays.stream(units(scores, mask, from, to)).mapToDouble(i -> scores[i] + 0.0).toArray();
  }

  private static int[] units(double[] scores, Mask mask, int from, int to) {
    IntStream indices = IntStream.range(0, scores.length);
    return (scores.length < SORTED_AT ? indices : indices.parallel())
        .filter(
            i -> {
              if ((mask.word(i >> 6) >>> i & 1L) == 0) {
                return false;
              }
              int bucket = RadixSelection.firstDigit(scores[i]);
              return bucket >= from && bucket <= to;
            })
        .toArray();
  }

  /** Candidates of one tensor with nearly the same score, and bounds for their LAMP scores. */
  private record Bucket(int tensor, int index, long weights, double low, double high) {}

  /** A histogram of the scores of one tensor, by their upper bits. */
  private static final class Histogram {
    private final long[] candidates = new long[RadixSelection.BUCKETS];
    private final double[] squares = new double[RadixSelection.BUCKETS];

    /** The sum of squares in all higher buckets. */
    private final double[] squaresAbove = new double[RadixSelection.BUCKETS];

    static Histogram of(ScoredTensor tensor) {
      int length = tensor.scores().length;
      Histogram whole = new Histogram();
      // Slices are added in order, so that sums are the same on every machine.
      IntStream.range(0, (length - 1) / SLICE + 1)
          .parallel()
          .mapToObj(s -> ofSlice(tensor, s * SLICE, (int) Math.min(length, (s + 1L) * SLICE)))
          .toList()
          .forEach(whole::add);
      for (int b = RadixSelection.BUCKETS - 2; b >= 0; b--) {
        whole.squaresAbove[b] = whole.squaresAbove[b + 1] + whole.squares[b + 1];
      }
      return whole;
    }

    private static Histogram ofSlice(ScoredTensor tensor, int from, int to) {
      Histogram slice = new Histogram();
      for (int i = from; i < to; i++) {
        if ((tensor.prior().word(i >> 6) >>> i & 1L) != 0) {
          double x = tensor.scores()[i];
          int bucket = RadixSelection.firstDigit(x);
          slice.squares[bucket] += square(x);
          if ((tensor.candidates().word(i >> 6) >>> i & 1L) != 0) {
            slice.candidates[bucket] += tensor.sizes().of(i);
          }
        }
      }
      return slice;
    }

    private void add(Histogram slice) {
      for (int b = 0; b < candidates.length; b++) {
        candidates[b] += slice.candidates[b];
        squares[b] += slice.squares[b];
      }
    }

    void addBuckets(int tensor, List<Bucket> buckets) {
      for (int b = 0; b < candidates.length; b++) {
        if (candidates[b] > 0) {
          double low = RadixSelection.lowestOf(b);
          double high = RadixSelection.lowestOf(b + 1);
          if (high > 0) {
            low = square(low) / (squaresAbove[b] + squares[b]);
            high = square(high) / (squaresAbove[b] + square(high));
            // A bucket may contain only zeros.
            low = Double.isNaN(low) ? 0 : low * (1 - 1e-9);
            high = Double.isNaN(high) ? 1 : high * (1 + 1e-9);
          }
          buckets.add(new Bucket(tensor, b, candidates[b], low, high));
        }
      }
    }
  }
}
