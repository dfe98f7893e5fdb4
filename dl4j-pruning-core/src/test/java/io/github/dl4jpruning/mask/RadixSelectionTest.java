package io.github.dl4jpruning.mask;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.RadixSelection.LastUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** The selection by digits and that of few units, against a full sort. */
class RadixSelectionTest {

  /** More units than this are selected by digits. */
  private static final int FEW = 1 << 12;

  private record Unit(int tensor, int index, double score) {}

  /** The plain way: sort, and take from the bottom. Of equals the last goes first. */
  private static List<Mask> bySorting(List<ScoredTensor> pool, double weights, LastUnit last) {
    List<Unit> units = new ArrayList<>();
    List<boolean[]> kept = new ArrayList<>();
    for (int t = 0; t < pool.size(); t++) {
      ScoredTensor tensor = pool.get(t);
      boolean[] own = new boolean[tensor.scores().length];
      for (int i = 0; i < own.length; i++) {
        own[i] = tensor.prior().isKept(i);
        if (tensor.candidates().isKept(i)) {
          units.add(new Unit(t, i, tensor.scores()[i] + 0.0));
        }
      }
      kept.add(own);
    }
    units.sort(
        Comparator.comparingDouble(Unit::score)
            .thenComparing(Comparator.comparingInt(Unit::tensor).reversed())
            .thenComparing(Comparator.comparingInt(Unit::index).reversed()));
    double due = weights;
    for (Unit unit : units) {
      int size = pool.get(unit.tensor()).sizes().of(unit.index());
      boolean goes = due >= size || (last == LastUnit.TO_NEAREST && 2 * due >= size);
      if (due > 0 && goes) {
        kept.get(unit.tensor())[unit.index()] = false;
      }
      due -= size;
    }
    return kept.stream().map(Mask::of).toList();
  }

  /** What scores are drawn from: each splits at another digit. */
  private static double score(int kind, Random random) {
    return switch (kind) {
      case 0 -> random.nextGaussian();
      case 1 -> random.nextInt(5) - 2;
      case 2 -> 1 + random.nextInt(1000) * 0x1p-52;
      case 3 -> random.nextBoolean() ? -0.0 : 0.0;
      default -> (random.nextBoolean() ? 1 : -1) * Math.scalb(1.0, random.nextInt(2000) - 1000);
    };
  }

  private static ScoredTensor tensor(
      int size, int kind, boolean masked, int largest, Random random) {
    double[] scores = IntStream.range(0, size).mapToDouble(i -> score(kind, random)).toArray();
    boolean[] kept = new boolean[size];
    boolean[] candidate = new boolean[size];
    for (int i = 0; i < size; i++) {
      kept[i] = !masked || random.nextInt(4) > 0;
      candidate[i] = kept[i] && (!masked || random.nextInt(4) > 0);
    }
    candidate[0] = true;
    kept[0] = true;
    UnitSizes sizes =
        largest == 1
            ? UnitSizes.ones(size)
            : UnitSizes.of(random.ints(size, 1, largest + 1).toArray());
    return new ScoredTensor("t", scores, Mask.of(kept), Mask.of(candidate), sizes);
  }

  private static void check(List<ScoredTensor> pool, double fraction) {
    long all = pool.stream().mapToLong(t -> t.sizes().kept(t.candidates())).sum();
    double weights = Math.max(0.5, Math.round(2 * fraction * all) / 2.0);
    for (LastUnit last : LastUnit.values()) {
      assertThat(RadixSelection.removeLowest(pool, weights, last))
          .as("%s of %s, %s", weights, all, last)
          .isEqualTo(bySorting(pool, weights, last));
    }
  }

  @Property(tries = 200)
  void fewUnitsAreSelectedAsByAFullSort(
      @ForAll @IntRange(min = 1, max = 150) int size,
      @ForAll @IntRange(max = 4) int kind,
      @ForAll boolean masked,
      @ForAll @IntRange(min = 1, max = 4) int largest,
      @ForAll @DoubleRange(min = 0, max = 1) double fraction,
      @ForAll long seed) {
    Random random = new Random(seed);
    check(
        List.of(tensor(size, kind, masked, largest, random), tensor(70, kind, masked, 1, random)),
        fraction);
  }

  /** All kinds of scores, each with all kinds of units. */
  @Example
  void manyUnitsAreSelectedAsByAFullSort() {
    Random random = new Random(17);
    for (int kind = 0; kind < 5; kind++) {
      for (int largest : new int[] {1, 3}) {
        for (boolean masked : new boolean[] {false, true}) {
          List<ScoredTensor> pool =
              List.of(
                  tensor(FEW, kind, masked, largest, random), tensor(70, kind, masked, 1, random));
          for (double fraction : new double[] {0.0, 0.4, 0.95, 1.0}) {
            check(pool, fraction);
          }
        }
      }
    }
  }

  /** A bucket of more equal scores than are sorted is split by all digits. */
  @Example
  void manyEqualsGoFromTheEnd() {
    int size = (1 << 16) + 100;
    double[] scores = new double[size];
    for (int i = 0; i < size; i++) {
      scores[i] = i % 2 == 0 ? 0.7 : Math.nextUp(0.7);
    }
    ScoredTensor tensor = new ScoredTensor("t", scores, Mask.dense(size));

    Mask mask = RadixSelection.removeLowest(List.of(tensor), 1_000, LastUnit.WHOLE).get(0);

    assertThat(mask.removed()).isEqualTo(1_000);
    assertThat(mask.isKept(size - 2_002)).isTrue();
    for (int i = size - 2_000; i < size; i++) {
      assertThat(mask.isKept(i)).isEqualTo(i % 2 == 1);
    }
  }

  @Example
  void theLastUnitGoesIfHalfOfItIsWanted() {
    ScoredTensor tensor =
        new ScoredTensor(
            "t",
            new double[] {1, 2, 3},
            Mask.dense(3),
            Mask.dense(3),
            UnitSizes.of(new int[] {2, 4, 1}));
    assertThat(RadixSelection.removeLowest(List.of(tensor), 3.9, LastUnit.TO_NEAREST))
        .containsExactly(mask(0, 1, 1));
    assertThat(RadixSelection.removeLowest(List.of(tensor), 4, LastUnit.TO_NEAREST))
        .containsExactly(mask(0, 0, 1));
    assertThat(RadixSelection.removeLowest(List.of(tensor), 5.9, LastUnit.WHOLE))
        .containsExactly(mask(0, 1, 1));
    assertThat(RadixSelection.removeLowest(List.of(tensor), 6, LastUnit.WHOLE))
        .containsExactly(mask(0, 0, 1));
  }

  @Example
  void aScoreThatIsNotFiniteIsNamedHoweverManyThereAre() {
    for (int size : new int[] {3, 2 * FEW}) {
      for (double bad :
          new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
        double[] scores = new double[size];
        scores[1] = bad;
        ScoredTensor good = new ScoredTensor("good", new double[] {1, bad}, mask(1, 0));
        ScoredTensor tensor = new ScoredTensor("bad", scores, Mask.dense(size));
        assertThatThrownBy(
                () -> RadixSelection.removeLowest(List.of(good, tensor), 1, LastUnit.WHOLE))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("bad: expected finite scores, but the score at flat index 1 is " + bad);
      }
    }
  }

  /** The largest and the smallest numbers that are finite. */
  @Example
  void allFiniteScoresAreTaken() {
    for (int size : new int[] {4, 2 * FEW}) {
      double[] scores = new double[size];
      scores[1] = Double.MAX_VALUE;
      scores[2] = -Double.MAX_VALUE;
      ScoredTensor tensor = new ScoredTensor("t", scores, Mask.dense(size));
      Mask one = RadixSelection.removeLowest(List.of(tensor), 1, LastUnit.WHOLE).get(0);
      assertThat(one.isKept(2)).isFalse();
      Mask most = RadixSelection.removeLowest(List.of(tensor), size - 1.0, LastUnit.WHOLE).get(0);
      assertThat(most.kept()).isEqualTo(1);
      assertThat(most.isKept(1)).isTrue();
    }
  }

  @Example
  void bucketsAreInTheOrderOfTheirScores() {
    double[] rising = {-Double.MAX_VALUE, -2, -1.5, -1e-300, 0, 1e-300, 1.5, 2, Double.MAX_VALUE};
    for (int i = 0; i < rising.length; i++) {
      int bucket = RadixSelection.firstDigit(rising[i]);
      assertThat(RadixSelection.lowestOf(bucket)).isLessThanOrEqualTo(rising[i]);
      assertThat(RadixSelection.lowestOf(bucket + 1)).isGreaterThan(rising[i]);
      assertThat(i == 0 || bucket > RadixSelection.firstDigit(rising[i - 1])).isTrue();
    }
    assertThat(RadixSelection.firstDigit(-0.0)).isEqualTo(RadixSelection.firstDigit(0.0));
  }
}
