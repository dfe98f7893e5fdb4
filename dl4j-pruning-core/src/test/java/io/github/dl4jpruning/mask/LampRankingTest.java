package io.github.dl4jpruning.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** The ranking by histograms and that of few units, against a full sort by the formula. */
class LampRankingTest {

  /** More units than this are ranked by histograms. */
  private static final int FEW = 1 << 14;

  private record Unit(int tensor, int index, double lamp, int size) {}

  /** The plain way: the formula for each candidate, and a sort. Of equals the last goes first. */
  private static long[] bySorting(List<ScoredTensor> pool, double due) {
    List<Unit> units = new ArrayList<>();
    for (int t = 0; t < pool.size(); t++) {
      ScoredTensor tensor = pool.get(t);
      double[] sorted =
          IntStream.range(0, tensor.scores().length)
              .filter(tensor.prior()::isKept)
              .mapToDouble(i -> tensor.scores()[i] + 0.0)
              .sorted()
              .toArray();
      double[] sums = new double[sorted.length + 1];
      for (int i = sorted.length - 1; i >= 0; i--) {
        sums[i] = sums[i + 1] + (sorted[i] > 0 ? sorted[i] * sorted[i] : 0);
      }
      for (int i = 0; i < tensor.scores().length; i++) {
        if (tensor.candidates().isKept(i)) {
          double x = tensor.scores()[i] + 0.0;
          int first = Arrays.binarySearch(sorted, x);
          while (first > 0 && sorted[first - 1] == x) {
            first--;
          }
          double lamp = x < 0 ? x : x == 0 ? 0 : x * x / sums[first];
          units.add(new Unit(t, i, lamp, tensor.sizes().of(i)));
        }
      }
    }
    units.sort(
        Comparator.comparingDouble(Unit::lamp)
            .thenComparing(Comparator.comparingInt(Unit::tensor).reversed())
            .thenComparing(Comparator.comparingInt(Unit::index).reversed()));
    long[] removed = new long[pool.size()];
    double left = due;
    for (Unit unit : units) {
      if (left > 0 && 2 * left >= unit.size()) {
        removed[unit.tensor()] += unit.size();
      }
      left -= left > 0 ? unit.size() : 0;
    }
    return removed;
  }

  /** Scores of all magnitudes; few different ones, some below zero, and zeros as they are asked. */
  private static double[] scores(int size, int kind, double scale, Random random) {
    return IntStream.range(0, size)
        .mapToDouble(
            i ->
                switch (kind) {
                  case 0 -> Math.abs(random.nextGaussian());
                  case 1 -> random.nextGaussian() * Math.exp(3 * random.nextGaussian());
                  case 2 -> 1 + random.nextInt(9);
                  default -> random.nextInt(3) == 0 ? 0 : random.nextDouble();
                })
        .map(x -> x * scale)
        .toArray();
  }

  private static Mask some(int size, double density, Random random) {
    boolean[] kept = new boolean[size];
    for (int i = 0; i < size; i++) {
      kept[i] = random.nextDouble() < density;
    }
    kept[0] = true;
    return Mask.of(kept);
  }

  /** A large tensor and small ones, with masks, protected units, and units of several weights. */
  private static List<ScoredTensor> pool(int large, int kind, int masked, Random random) {
    List<ScoredTensor> pool = new ArrayList<>();
    double scale = 1.0;
    for (int size : new int[] {large, 300, 40}) {
      double[] scores = scores(size, kind, scale, random);
      Mask prior = masked % 2 == 0 ? Mask.dense(size) : some(size, 0.7, random);
      Mask candidates = masked < 2 ? prior : prior.and(some(size, 0.8, random));
      int[] sizes = random.ints(size, 1, 4).toArray();
      UnitSizes units = masked < 2 ? UnitSizes.ones(size) : UnitSizes.of(sizes);
      pool.add(new ScoredTensor("t" + size, scores, prior, candidates, units));
      scale *= 7.3; // no two tensors share their sums
    }
    return pool;
  }

  private static void check(int large, int kind, int masked, double fraction, long seed) {
    List<ScoredTensor> pool = pool(large, kind, masked, new Random(seed));
    long all = pool.stream().mapToLong(t -> t.sizes().kept(t.candidates())).sum();
    double due = Math.floor(fraction * all);

    assertThat(LampRanking.removals(pool, due)).isEqualTo(bySorting(pool, due));
  }

  @Property(tries = 200)
  void fewUnitsAreRankedAsByAFullSort(
      @ForAll @IntRange(min = 1, max = 500) int size,
      @ForAll @IntRange(max = 3) int kind,
      @ForAll @IntRange(max = 3) int masked,
      @ForAll @DoubleRange(min = 0, max = 1) double fraction,
      @ForAll long seed) {
    check(size, kind, masked, fraction, seed);
  }

  /** All kinds, each with all kinds of masks. */
  @Example
  void manyUnitsAreRankedAsByAFullSort() {
    for (int kind = 0; kind < 4; kind++) {
      for (int masked = 0; masked < 4; masked++) {
        for (double fraction : new double[] {0.001, 0.37, 0.9, 1.0}) {
          check(FEW, kind, masked, fraction, 31 * kind + masked);
        }
      }
    }
  }

  /** At the most that are sorted, and one more: the way must not be seen. */
  @Example
  void bothWaysRankAlike() {
    double[] scores = scores(FEW, 1, 1.0, new Random(3));
    ScoredTensor large = new ScoredTensor("a", scores, Mask.dense(FEW));
    ScoredTensor none = new ScoredTensor("b", new double[] {9}, Mask.of(false));
    for (double due : new double[] {1, 5_000, FEW - 1}) {
      long[] sorted = LampRanking.removals(List.of(large), due);
      assertThat(sorted).containsExactly((long) due);
      assertThat(LampRanking.removals(List.of(large, none), due)).containsExactly(sorted[0], 0);
    }
  }

  @Example
  void lessThanHalfAWeightIsNothing() {
    ScoredTensor tensor = new ScoredTensor("a", new double[] {1, 2, 3}, Mask.dense(3));

    assertThat(LampRanking.removals(List.of(tensor), 0.49)).containsExactly(0);
    assertThat(LampRanking.removals(List.of(tensor), 0.5)).containsExactly(1);
  }

  @Example
  void aTensorWithoutCandidatesLosesNothing() {
    ScoredTensor open = new ScoredTensor("a", new double[] {5, 6, 7}, Mask.dense(3));
    ScoredTensor closed =
        new ScoredTensor(
            "b", new double[] {1, 2}, Mask.dense(2), Tensors.mask(0, 0), UnitSizes.ones(2));

    assertThat(LampRanking.removals(List.of(closed, open), 2)).containsExactly(0, 2);
    assertThat(LampRanking.removals(List.of(closed), 1)).containsExactly(0);
  }
}
