package io.github.dl4jpruning.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LowestScoresTest {

  private static Mask prune(double[] scores, Mask prior, long removed) {
    return LowestScores.remove(List.of(new ScoredTensor("t", scores, prior)), (double) removed)
        .get(0);
  }

  private static Mask prune(double[] weights, double sparsity) {
    double[] magnitudes = Arrays.stream(weights).map(Math::abs).toArray();
    long removed = SparsityDistribution.removed(weights.length, sparsity, 1);
    return prune(magnitudes, Mask.dense(weights.length), removed);
  }

  private static Mask mask(int... kept) {
    boolean[] entries = new boolean[kept.length];
    for (int i = 0; i < kept.length; i++) {
      entries[i] = kept[i] == 1;
    }
    return Mask.of(entries);
  }

  @Test
  void shouldKeepTheUpperHalf() {
    double[] weights = IntStream.rangeClosed(1, 100).mapToDouble(i -> i).toArray();

    Mask half = prune(weights, 0.5);

    for (int i = 0; i < 100; i++) {
      assertThat(half.isKept(i)).as("weight %d", i + 1).isEqualTo(i >= 50);
    }
    Mask one = prune(weights, 0.9999);
    assertThat(one.kept()).isEqualTo(1);
    assertThat(one.isKept(99)).isTrue();
  }

  @Test
  void shouldKeepTheFirstOfEquals() {
    double[] equal = new double[8];
    Arrays.fill(equal, 0.7);

    assertThat(prune(equal, 0.5)).isEqualTo(mask(1, 1, 1, 1, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 63, 64, 65, 1000, 70_000, 1_200_000})
  void shouldRemoveExactlyThirtyPercentOfEquals(int size) {
    double[] equal = new double[size];
    Arrays.fill(equal, -0.25);

    Mask mask = prune(equal, 0.3);

    assertThat(mask.removed()).isEqualTo((int) Math.min(size - 1, Math.floor(0.3 * size + 0.5)));
    for (int i = 0; i < size; i++) {
      assertThat(mask.isKept(i)).isEqualTo(i < mask.kept());
    }
  }

  @Test
  void shouldBreakTiesAcrossTheThreshold() {
    assertThat(prune(new double[] {1, .5, .3, .2, 1, 1.5, 1.8, 2, 1, 1}, 0.5))
        .isEqualTo(mask(1, 0, 0, 0, 1, 1, 1, 1, 0, 0));
  }

  @Test
  void shouldLookAtMagnitudesAndGoOnFromAMask() {
    double[] magnitudes = {1, 2, 3, 4, 4, 3, 2, 1};

    Mask two = prune(magnitudes, Mask.dense(8), 2);
    Mask four = prune(magnitudes, two, 4);

    assertThat(two).isEqualTo(mask(0, 1, 1, 1, 1, 1, 1, 0));
    assertThat(four).isEqualTo(mask(0, 0, 1, 1, 1, 1, 0, 0));
  }

  @Test
  void shouldKeepWhatThePriorMaskRemovedRemoved() {
    double[] scores = {1, 2, 3, 4, 5, 6, 7, 8};
    Mask prior = mask(1, 1, 1, 0, 1, 1, 0, 1);

    assertThat(prune(scores, prior, 4)).isEqualTo(mask(0, 0, 1, 0, 1, 1, 0, 1));
    assertThat(prune(scores, prior, 2)).isSameAs(prior);
    assertThat(prune(scores, prior, 0)).isSameAs(prior);
  }

  @Test
  void shouldLetTensorsCompete() {
    List<Mask> masks =
        LowestScores.remove(
            List.of(
                new ScoredTensor("a", new double[] {1, 2, 3, 4, 4, 3, 2, 1}, Mask.dense(8)),
                new ScoredTensor("b", new double[] {0, .1, 2}, Mask.dense(3))),
            4);

    assertThat(masks).containsExactly(mask(0, 1, 1, 1, 1, 1, 1, 0), mask(0, 0, 1));
  }

  @Test
  void shouldNestTheMasksOfARisingSparsity() {
    double[] weights = new Random(3).doubles(100).toArray();
    Mask current = Mask.dense(100);
    int[] expected = {100, 90, 90, 70, 70, 50};
    double[] sparsities = {0, .1, .1, .3, .3, .5};

    for (int i = 0; i < sparsities.length; i++) {
      Mask next = prune(weights, current, SparsityDistribution.removed(100, sparsities[i], 1));
      assertThat(next.kept()).isEqualTo(expected[i]);
      for (int e = 0; e < 100; e++) {
        assertThat(next.isKept(e) && !current.isKept(e)).isFalse();
      }
      current = next;
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 0.1, 2", "16, 0.09375, 2", "16, 0.09374, 1", "100, 0.29, 29", "2, 0.25, 1"})
  void shouldRoundHalfUp(int size, double sparsity, int removed) {
    assertThat(prune(IntStream.range(0, size).mapToDouble(i -> i).toArray(), sparsity).removed())
        .isEqualTo(removed);
  }

  @Test
  void shouldTakeMinusZeroForZeroAndDenormalsForWeights() {
    double[] scores = {0.0, -0.0, Double.MIN_VALUE, -0.0, 0.0};

    assertThat(prune(scores, Mask.dense(5), 1)).isEqualTo(mask(1, 1, 1, 1, 0));
    assertThat(prune(scores, Mask.dense(5), 2)).isEqualTo(mask(1, 1, 1, 0, 0));
    assertThat(prune(scores, Mask.dense(5), 4)).isEqualTo(mask(0, 0, 1, 0, 0));
  }

  @Test
  void shouldLeaveEachTensorOneEntry() {
    List<Mask> masks =
        LowestScores.remove(
            List.of(
                new ScoredTensor("small", new double[] {.1, .3, .2}, Mask.dense(3)),
                new ScoredTensor("smaller", new double[] {.01, .02}, Mask.dense(2)),
                new ScoredTensor("large", new double[] {5, 6, 7, 8}, Mask.dense(4))),
            6);

    assertThat(masks).containsExactly(mask(0, 1, 0), mask(0, 1), mask(0, 0, 0, 1));
    assertThatThrownBy(
            () ->
                LowestScores.remove(
                    List.of(
                        new ScoredTensor("a", new double[] {1, 2}, Mask.dense(2)),
                        new ScoredTensor("b", new double[] {1}, Mask.dense(1))),
                    2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot remove 2 of 3 weights in 2 tensors");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void shouldRefuseScoresThatAreNotFinite(double bad) {
    double[] scores = {1, 2, bad, 4};

    assertThatThrownBy(() -> prune(scores, Mask.dense(4), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("t:")
        .hasMessageContaining("index 2")
        .hasMessageContaining(String.valueOf(bad));
    assertThatThrownBy(
            () -> prune(new double[] {1, Double.longBitsToDouble(-1L)}, Mask.dense(2), 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(prune(scores, mask(1, 1, 0, 1), 2)).isEqualTo(mask(0, 1, 0, 1));
  }

  /**
   * Tensors of scores with many ties, or with none, over all magnitudes; with masks that hold
   * already.
   */
  @Provide
  Arbitrary<List<ScoredTensor>> pools() {
    Arbitrary<Double> few = Arbitraries.of(-1.0, -0.0, 0.0, 0.5, 0.5000000000000001, 2.0);
    Arbitrary<Double> many =
        Arbitraries.longs().map(Double::longBitsToDouble).filter(Double::isFinite);
    Arbitrary<Double> near = Arbitraries.doubles().between(-1, 1);
    Arbitrary<ScoredTensor> tensor =
        Combinators.combine(
                Arbitraries.oneOf(few, many, near)
                    .array(double[].class)
                    .ofMinSize(1)
                    .ofMaxSize(200),
                Arbitraries.randomValue(random -> random.nextLong()),
                Arbitraries.of(0.0, 0.0, 0.3, 0.9))
            .as(
                (scores, seed, density) -> {
                  Random random = new Random(seed);
                  boolean[] kept = new boolean[scores.length];
                  for (int i = 0; i < kept.length; i++) {
                    kept[i] = random.nextDouble() >= density;
                  }
                  kept[random.nextInt(kept.length)] = true;
                  return new ScoredTensor("t", scores, Mask.of(kept));
                });
    return tensor.list().ofMinSize(1).ofMaxSize(5);
  }

  @Property(tries = 2000)
  void selectsWhatAFullSortSelects(
      @ForAll("pools") List<ScoredTensor> pool, @ForAll double fraction) {
    long capacity = pool.stream().mapToLong(t -> t.prior().length() - 1).sum();
    long removed = (long) (Math.abs(fraction % 1.0) * (capacity + 1));

    assertThat(LowestScores.remove(pool, (double) removed)).isEqualTo(bySorting(pool, removed));
  }

  @Test
  @Tag("slow")
  void selectsWhatAFullSortSelectsWhereWorkIsSharedByThreads() {
    Random random = new Random(11);
    List<ScoredTensor> pool = new ArrayList<>();
    for (int size : new int[] {1_300_001, 5, 700_000}) {
      double[] scores = random.doubles(size).map(x -> Math.abs(x - 0.5)).toArray();
      for (int i = 0; i < size; i += 3) {
        scores[i] = Math.round(scores[i] * 1000) / 1000.0;
      }
      pool.add(new ScoredTensor("t" + size, scores, Mask.dense(size)));
    }

    List<Mask> first = LowestScores.remove(pool, 500_000);
    assertThat(first).isEqualTo(bySorting(pool, 500_000));
    List<ScoredTensor> again = new ArrayList<>();
    for (int i = 0; i < pool.size(); i++) {
      again.add(new ScoredTensor("t", pool.get(i).scores(), first.get(i)));
    }
    assertThat(LowestScores.remove(again, 1_999_000)).isEqualTo(bySorting(again, 1_999_000));
  }

  private record Entry(int tensor, int index, double score) {}

  /**
   * The plain way: sort everything, remove from the bottom, spare the last entry of each tensor.
   */
  private static List<Mask> bySorting(List<ScoredTensor> pool, long removed) {
    List<Entry> entries = new ArrayList<>();
    boolean[][] kept = new boolean[pool.size()][];
    int[] left = new int[pool.size()];
    long due = removed;
    for (int t = 0; t < pool.size(); t++) {
      Mask prior = pool.get(t).prior();
      kept[t] = new boolean[prior.length()];
      for (int i = 0; i < kept[t].length; i++) {
        kept[t][i] = prior.isKept(i);
        if (kept[t][i]) {
          entries.add(new Entry(t, i, pool.get(t).scores()[i] + 0.0));
        }
      }
      left[t] = prior.kept();
      due -= prior.removed();
    }
    entries.sort(
        Comparator.comparingDouble(Entry::score)
            .thenComparing(Comparator.comparingInt(Entry::tensor).reversed())
            .thenComparing(Comparator.comparingInt(Entry::index).reversed()));
    for (Entry entry : entries) {
      if (due <= 0) {
        break;
      }
      if (left[entry.tensor()] > 1) {
        kept[entry.tensor()][entry.index()] = false;
        left[entry.tensor()]--;
        due--;
      }
    }
    return Arrays.stream(kept).map(Mask::of).toList();
  }

  @Test
  void shouldSayHowManyMayGo() {
    double[] scores = {1, 2, 3, 4};
    Mask prior = mask(1, 0, 1, 1);
    assertThatThrownBy(() -> prune(scores, prior, 4))
        .hasMessageContaining("cannot remove 4 of 4 weights in 1 tensor (t): at most 3 may go, 1");
    for (int tensors = 5; tensors <= 6; tensors++) {
      List<ScoredTensor> pool =
          IntStream.range(0, tensors)
              .mapToObj(t -> new ScoredTensor("t" + t, new double[] {1}, Mask.dense(1)))
              .toList();
      assertThatThrownBy(() -> LowestScores.remove(pool, 1))
          .hasMessageContaining(
              tensors == 5 ? "(t0, t1, t2, t3, t4): " : "(t0, t1, t2, t3, t4, …): ");
    }
  }

  /** Half of a unit of four may be wanted although no more unit may go; more is refused. */
  @Test
  void shouldForgiveWhatIsLeftOverByRounding() {
    UnitSizes fours = UnitSizes.of(new int[] {4, 4, 4});
    ScoredTensor tensor =
        new ScoredTensor("t", new double[] {1, 2, 3}, Mask.dense(3), Mask.dense(3), fours);

    assertThat(LowestScores.remove(List.of(tensor), 10.0)).containsExactly(mask(0, 0, 1));
    assertThatThrownBy(() -> LowestScores.remove(List.of(tensor), 10.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 8 may go, 3 fewer");
  }
}
