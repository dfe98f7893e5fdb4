package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.testing.Tensors.contender;
import static io.github.dl4jpruning.testing.Tensors.contenders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SparsityDistributionTest {

  private static final double NO_PROGRESS = Double.NaN;

  private static Due due(double sparsity) {
    return new Due(sparsity, NO_PROGRESS);
  }

  /** Weights removed of each tensor, once the pools are served. */
  private static long[] removed(
      SparsityDistribution distribution, List<Contender> tensors, Due due) {
    long[] removed = new long[tensors.size()];
    for (RemovalPool pool : distribution.allocate(tensors, due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> tensors.get(t).tensor()).toList();
      List<Mask> masks = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < masks.size(); m++) {
        removed[pool.tensors().get(m)] = masks.get(m).removed();
      }
    }
    return removed;
  }

  private static List<Contender> sized(List<Integer> sizes) {
    return contenders(sizes.stream().map(size -> new long[] {size}).toArray(long[][]::new));
  }

  @Test
  void uniformGivesEachTensorTheSameSparsity() {
    List<Contender> tensors = sized(List.of(100, 10, 1));

    assertThat(removed(SparsityDistribution.uniform(), tensors, due(0.85)))
        .containsExactly(85, 9, 0);
  }

  @Test
  void globalPutsAllIntoOnePool() {
    assertThat(SparsityDistribution.global().allocate(sized(List.of(100, 10, 1)), due(0.85)))
        .containsExactly(new RemovalPool(List.of(0, 1, 2), 94, List.of(1L, 1L, 1L)));
  }

  @Property
  void countsAreExactAndLeaveOneEach(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 1000) Integer> sizes,
      @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double sparsity) {
    List<Contender> tensors = sized(sizes);
    long all = sizes.stream().mapToLong(Integer::longValue).sum();
    long total = Math.min((long) Math.floor(sparsity * all + 0.5), all - sizes.size());

    for (SparsityDistribution exact :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.erdosRenyiKernel(),
            SparsityDistribution.lamp())) {
      long[] removed = removed(exact, tensors, due(sparsity));
      assertThat(Arrays.stream(removed).sum()).as("%s", exact).isEqualTo(total);
      for (int t = 0; t < removed.length; t++) {
        assertThat(removed[t]).isLessThan(sizes.get(t));
      }
    }
    long[] uniform = removed(SparsityDistribution.uniform(), tensors, due(sparsity));
    for (int t = 0; t < uniform.length; t++) {
      int size = sizes.get(t);
      assertThat(uniform[t])
          .isEqualTo(Math.min((long) Math.floor(sparsity * size + 0.5), size - 1));
    }
  }

  // ------------------------------------------------------------------------------ ERK

  private static void checkErk(
      double sparsity, double tolerance, double[] expected, long[]... shapes) {
    double[] found = ErdosRenyiKernelDistribution.sparsities(contenders(shapes), sparsity);
    for (int t = 0; t < expected.length; t++) {
      assertThat(found[t])
          .as("tensor %d at %s", t, sparsity)
          .isCloseTo(expected[t], within(tolerance));
    }
  }

  @Test
  void erkGivesThePublishedSparsities() {
    long[][] three = {{2, 4}, {3, 6}, {2, 4, 6}};
    checkErk(0.5, 5e-5, new double[] {0, .3095, .6548}, three);
    checkErk(0.8, 5e-5, new double[] {.5889, .7259, .8630}, three);
    checkErk(0.5, 5e-5, new double[] {0, .6429, 0}, new long[][] {{2, 4}, {3, 6, 7}, {7, 4}});
    long[][] lenet300 = {{784, 300}, {300, 100}, {100, 10}};
    checkErk(0.9, 5e-5, new double[] {.9204, .7698, 0}, lenet300);
    checkErk(0.95, 5e-5, new double[] {.9615, .8887, .0815}, lenet300);
    long[][] lenet5 = {{20, 1, 5, 5}, {50, 20, 5, 5}, {800, 500}, {500, 10}};
    checkErk(0.9, 5e-5, new double[] {0, .9129, .9116, 0}, lenet5);
    checkErk(0.95, 5e-5, new double[] {.2739, .9625, .9619, 0}, lenet5);
  }

  @Test
  void erkRoundsToAnExactTotal() {
    List<Contender> tensors = contenders(new long[][] {{784, 300}, {300, 100}, {100, 10}});

    for (double sparsity : new double[] {0, .1, .5, .9, .95, .98, .99999}) {
      long[] removed = removed(SparsityDistribution.erdosRenyiKernel(), tensors, due(sparsity));
      long expected = Math.min(Math.round(sparsity * 266_200), 266_200 - 3);
      assertThat(Arrays.stream(removed).sum()).as("at %s", sparsity).isEqualTo(expected);
    }
  }

  @Property(tries = 200)
  void erkNeverAsksAWeightBack(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 60) Integer> sizes,
      @ForAll @Size(min = 2, max = 6) List<@DoubleRange(min = 0, max = 0.99) Double> sparsities) {
    List<Contender> tensors =
        contenders(sizes.stream().map(n -> new long[] {n, 61 - n}).toArray(long[][]::new));
    long all = tensors.stream().mapToLong(Contender::weights).sum();
    double[] rising = sparsities.stream().mapToDouble(s -> s).sorted().toArray();
    for (double sparsity : rising) {
      List<Contender> next = new ArrayList<>();
      for (RemovalPool pool :
          SparsityDistribution.erdosRenyiKernel().allocate(tensors, due(sparsity))) {
        Contender tensor = tensors.get(pool.tensors().get(0));
        assertThat(pool.removed()).isGreaterThanOrEqualTo((double) tensor.tensor().removed());
        Mask mask =
            LowestScores.remove(List.of(tensor.tensor()), pool.removed(), pool.keep()).get(0);
        next.add(
            new Contender(
                tensor.parameter(),
                new ScoredTensor("t", tensor.tensor().scores(), mask),
                1,
                NO_PROGRESS));
      }
      tensors = next;
      assertThat(tensors.stream().mapToLong(t -> t.tensor().removed()).sum())
          .isEqualTo(Math.min((long) Math.floor(sparsity * all + 0.5), all - sizes.size()));
    }
  }

  // ------------------------------------------------------------------------------ LAMP

  @Test
  void lampSparesTheTensorThatMagnitudeWouldEmpty() {
    List<Contender> tensors = List.of(contender("a", 1, 2, 3), contender("b", .1, .2));

    assertThat(removed(SparsityDistribution.lamp(), tensors, due(0.4))).containsExactly(1, 1);
    assertThat(removed(SparsityDistribution.lamp(), tensors, due(0.2))).containsExactly(1, 0);
    assertThat(removed(SparsityDistribution.lamp(), tensors, due(0.6))).containsExactly(2, 1);
  }

  private static double lampScore(double[] scores, int of) {
    double x = scores[of];
    double sum = 0;
    for (double v : scores) {
      sum += v >= x && v > 0 ? v * v : 0;
    }
    return x < 0 ? x : x == 0 ? 0 : x * x / sum;
  }

  /** Scores that no two tensors share up to rounding, so that any order of summing agrees. */
  private static double[] distinct(Random random, int size, boolean negatives) {
    return IntStream.range(0, size)
        .mapToDouble(i -> random.nextGaussian() * Math.exp(3 * random.nextGaussian()))
        .map(x -> negatives ? x : Math.abs(x))
        .toArray();
  }

  @Property(tries = 300)
  void lampRanksAsAFullSortByItsFormulaDoes(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 300) Integer> sizes,
      @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double sparsity,
      @ForAll long seed,
      @ForAll boolean negatives) {
    Random random = new Random(seed);
    List<Contender> tensors = new ArrayList<>();
    for (int size : sizes) {
      tensors.add(contender("layer" + tensors.size(), distinct(random, size, negatives)));
    }
    long[] expected = new long[sizes.size()];
    List<double[]> ranked = new ArrayList<>();
    for (int t = 0; t < sizes.size(); t++) {
      double[] scores = tensors.get(t).tensor().scores();
      for (int i = 0; i < scores.length; i++) {
        ranked.add(new double[] {lampScore(scores, i), t});
      }
    }
    ranked.sort(Comparator.comparingDouble(entry -> entry[0]));
    long due =
        Math.min((long) Math.floor(sparsity * ranked.size() + 0.5), ranked.size() - sizes.size());
    for (double[] entry : ranked) {
      int t = (int) entry[1];
      if (due > 0 && expected[t] < sizes.get(t) - 1) {
        expected[t]++;
        due--;
      }
    }

    assertThat(removed(SparsityDistribution.lamp(), tensors, due(sparsity))).isEqualTo(expected);
  }

  @Test
  @Tag("slow")
  void lampRanksLargeTensorsAsAFullSortDoes() {
    Random random = new Random(5);
    double[] large = distinct(random, 1_300_000, false);
    double[] small = distinct(random, 200_000, false);
    List<Contender> tensors = List.of(contender("large", large), contender("small", small));
    List<double[]> lamp = new ArrayList<>();
    for (double[] scores : List.of(large, small)) {
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      double sum = 0;
      double[] own = new double[sorted.length];
      for (int i = sorted.length - 1; i >= 0; i--) {
        sum += sorted[i] * sorted[i];
        own[i] = sorted[i] * sorted[i] / sum;
      }
      lamp.add(own);
    }
    double[] all = new double[1_500_000];
    System.arraycopy(lamp.get(0), 0, all, 0, 1_300_000);
    System.arraycopy(lamp.get(1), 0, all, 1_300_000, 200_000);
    Arrays.sort(all);
    double threshold = all[1_200_000];

    long[] removed = removed(SparsityDistribution.lamp(), tensors, due(0.8));

    assertThat(removed[0] + removed[1]).isEqualTo(1_200_000);
    assertThat(removed[0]).isEqualTo(Arrays.stream(lamp.get(0)).filter(x -> x < threshold).count());
  }

  @Property(tries = 100)
  void lampDoesNotSeeTheScaleOfATensor(
      @ForAll @IntRange(min = -20, max = 20) int power,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 0.99) double sparsity) {
    Random random = new Random(seed);
    double[] a = distinct(random, 50, false);
    double[] b = distinct(random, 70, false);
    double[] scaled = Arrays.stream(a).map(x -> Math.scalb(x, power)).toArray();

    assertThat(
            removed(
                SparsityDistribution.lamp(),
                List.of(contender("a", scaled), contender("b", b)),
                due(sparsity)))
        .isEqualTo(
            removed(
                SparsityDistribution.lamp(),
                List.of(contender("a", a), contender("b", b)),
                due(sparsity)));
  }

  // ------------------------------------------------------------------------------ absolute forms

  @Test
  void thresholdRemovesWhatIsBelow() {
    List<Contender> tensors = List.of(contender("a", .1, .2, .3), contender("b", .15, .05));
    SparsityDistribution threshold = SparsityDistribution.threshold(0.2);

    assertThat(removed(threshold, tensors, new Due(0.5, 1.0))).containsExactly(1, 1);
    assertThat(removed(threshold, tensors, new Due(0.5, 0.5))).containsExactly(0, 1);
    assertThat(removed(threshold, tensors, new Due(0.5, 0.0))).containsExactly(0, 0);
    assertThat(removed(SparsityDistribution.threshold(9), tensors, new Due(0.5, 1)))
        .containsExactly(2, 1);
  }

  @Test
  void oneDeviationOfANormalDistributionRemovesWhatItShould() {
    Random random = new Random(7);
    double[] magnitudes =
        IntStream.range(0, 200_000).mapToDouble(i -> Math.abs(random.nextGaussian())).toArray();
    Contender normal = contender("a", magnitudes);
    Contender known = new Contender(normal.parameter(), normal.tensor(), 1, 1.0);

    long removed =
        removed(SparsityDistribution.thresholdInDeviations(1), List.of(known), new Due(.5, 1))[0];

    assertThat(removed / 200_000.0).isCloseTo(.6827, within(.005));
  }

  @Property
  void aBudgetIsNeverExceeded(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 200) Integer> sizes,
      @ForAll @IntRange(min = 5, max = 1000) int budget) {
    List<Contender> tensors = sized(sizes);
    long all = sizes.stream().mapToLong(Integer::longValue).sum();
    for (SparsityDistribution of :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.uniform(),
            SparsityDistribution.erdosRenyiKernel(),
            SparsityDistribution.lamp())) {
      long[] removed = removed(new BudgetDistribution(budget, of), tensors, new Due(.9, 1));
      long left = all - Arrays.stream(removed).sum();
      assertThat(left).as("%s", of).isLessThanOrEqualTo(budget);
      if (!of.equals(SparsityDistribution.uniform())) {
        assertThat(left).isEqualTo(Math.min(all, budget));
      }
    }
    long[] half = removed(SparsityDistribution.budget(budget), tensors, new Due(.9, .5));
    assertThat(Arrays.stream(half).sum())
        .isEqualTo((long) Math.floor(0.5 * Math.max(0, all - budget) + 0.5));
  }

  @Test
  void targetsHoldAndTheOthersMakeUpTheDifference() {
    List<Contender> tensors =
        contenders(new long[][] {{20, 3, 5, 5}, {100, 50}, {50, 10}}); // 1500, 5000, 500
    SparsityDistribution distribution =
        SparsityDistribution.uniform().withTarget("layer2", 0.5).withTypeTarget("Conv*", 0.2);

    assertThat(removed(distribution, tensors, new Due(0.6, 1.0)))
        .containsExactly(300, 4200 - 300 - 250, 250);
    assertThat(removed(distribution, tensors, new Due(0.3, 0.5)))
        .containsExactly(150, 2100 - 150 - 125, 125);
    assertThatThrownBy(() -> removed(distribution, tensors, new Due(0.9, 1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.9")
        .hasMessageContaining("layer1.W")
        .hasMessageContaining("751 too many");
    assertThatThrownBy(
            () ->
                removed(
                    SparsityDistribution.global().withTarget("layer1", 0.9),
                    tensors,
                    new Due(0.5, 1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000 too few");
  }

  @Test
  void whereEveryTensorHasATargetTheTargetsAreTheTotal() {
    List<Contender> tensors = contenders(new long[][] {{10, 10}, {10, 20}});

    assertThat(
            removed(
                SparsityDistribution.global().withTarget("layer0", .3).withTarget("*", .8),
                tensors,
                new Due(0.9, 1.0)))
        .containsExactly(30, 160);
  }

  @Test
  void targetsThatAreRoundedUpDoNotStopTheTraining() {
    List<Contender> tensors = sized(List.of(10, 10, 10, 10, 10, 10));
    SparsityDistribution distribution = SparsityDistribution.global();
    for (int layer = 0; layer < 5; layer++) {
      distribution = distribution.withTarget("layer" + layer, .5);
    }
    for (int t = 0; t <= 10; t++) {
      assertThat(removed(distribution, tensors, new Due(25 / 60.0 * t / 10, t / 10.0))).hasSize(6);
    }
  }

  @Test
  void targetsGoInsideOfBudgetsAndFloors() {
    List<Contender> tensors = contenders(new long[][] {{1000}, {100}});
    SparsityDistribution budget = SparsityDistribution.budget(100).withTarget("layer1", .5);

    assertThat(removed(budget, tensors, new Due(.5, 1))).containsExactly(950, 50);
    SparsityDistribution floor =
        SparsityDistribution.global().neverAbove("layer1", .2).withTarget("layer1", .3);
    assertThat(removed(floor, tensors, new Due(.5, 1))[1]).isEqualTo(20);
    for (SparsityDistribution own :
        List.of(
            SparsityDistribution.threshold(1), SparsityDistribution.threshold(1).neverAbove(.5))) {
      assertThatThrownBy(() -> own.withTarget("layer1", .5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shares out a total");
    }
    assertThatThrownBy(() -> new BudgetDistribution(5, SparsityDistribution.threshold(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sets its own total");
  }

  @Test
  void aThresholdRemovesNothingBeforeItsBegin() {
    List<Contender> tensors = List.of(contender("a", -3, 1, -.5));

    assertThat(removed(SparsityDistribution.threshold(1), tensors, new Due(0, 0)))
        .containsExactly(0);
  }

  @Test
  void lampTakesScoresWhoseSquaresVanish() {
    List<Contender> tensors = List.of(contender("a", 1e-170, 2e-170, 3e-170), contender("b", 1));

    assertThat(removed(SparsityDistribution.lamp(), tensors, due(.5))).containsExactly(2, 0);
  }

  // ------------------------------------------------------------------------------ floors

  @Property
  void floorsHoldAndTheTotalIsMetAllTheSame(
      @ForAll @Size(min = 2, max = 5) List<@IntRange(min = 1, max = 300) Integer> sizes,
      @ForAll @DoubleRange(min = 0, max = 0.95) double sparsity,
      @ForAll @IntRange(min = 1, max = 4) int fewest) {
    List<Contender> tensors = sized(sizes);
    double highest = 0.97;
    long all = sizes.stream().mapToLong(Integer::longValue).sum();
    long most =
        sizes.stream()
            .mapToLong(n -> Math.min((long) Math.floor(highest * n), Math.max(0, n - fewest)))
            .sum();
    long exact = Math.min((long) Math.floor(sparsity * all + 0.5), all - sizes.size());
    for (SparsityDistribution of :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.uniform(),
            SparsityDistribution.erdosRenyiKernel(),
            SparsityDistribution.lamp())) {
      SparsityDistribution floored = of.neverAbove(highest).neverFewerThan(fewest);
      long total =
          of.equals(SparsityDistribution.uniform())
              ? sizes.stream()
                  .mapToLong(
                      n ->
                          uniformly(
                              n,
                              sparsity,
                              Math.max(0, n - Math.max((long) fewest, n - (long) (highest * n)))))
                  .sum()
              : exact;
      if (total > most) {
        assertThatThrownBy(() -> removed(floored, tensors, due(sparsity)))
            .as("%s", of)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("cannot remove " + total)
            .hasMessageContaining("at most " + most);
        continue;
      }
      long[] removed = removed(floored, tensors, due(sparsity));
      assertThat(Arrays.stream(removed).sum()).as("%s", of).isEqualTo(total);
      for (int t = 0; t < removed.length; t++) {
        int size = sizes.get(t);
        assertThat(removed[t]).isLessThanOrEqualTo((long) (highest * size));
        assertThat(size - removed[t]).isGreaterThanOrEqualTo(Math.min(size, fewest));
      }
    }
  }

  /** A tensor that keeps a single weight gives what it can; only a higher floor moves a share. */
  private static long uniformly(int size, double sparsity, long most) {
    long wanted = (long) Math.floor(sparsity * size + 0.5);
    return most == size - 1 ? Math.min(wanted, most) : wanted;
  }

  @Test
  void aFloorMayBeForSomeLayersOnly() {
    List<Contender> tensors = sized(List.of(100, 100));

    assertThat(removed(SparsityDistribution.uniform().neverAbove("layer1", .5), tensors, due(.7)))
        .containsExactly(90, 50);
  }

  // ------------------------------------------------------------------------------ errors

  @Test
  void aDistributionThatHasToKnowTheEndSaysSo() {
    for (SparsityDistribution absolute :
        List.of(
            SparsityDistribution.budget(5),
            SparsityDistribution.threshold(.1),
            SparsityDistribution.thresholdInDeviations(1),
            SparsityDistribution.global().withTarget("*", .5))) {
      assertThat(absolute.needsProgress()).isTrue();
      assertThatThrownBy(() -> absolute.allocate(sized(List.of(10)), due(.5)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("withPeak");
    }
  }

  @Test
  void badValuesAreRefused() {
    SparsityDistribution global = SparsityDistribution.global();
    List<Supplier<Object>> bad =
        List.of(
            () -> SparsityDistribution.budget(0),
            () -> new BudgetDistribution(5, null),
            () -> SparsityDistribution.threshold(0),
            () -> SparsityDistribution.threshold(Double.NaN),
            () -> SparsityDistribution.threshold(Double.POSITIVE_INFINITY),
            () -> SparsityDistribution.thresholdInDeviations(-1),
            () -> global.withTarget("a", 1.0),
            () -> global.withTarget("a", Double.NaN),
            () -> global.withTarget(" ", .5),
            () -> global.withTypeTarget(null, .5),
            () -> new LayerTarget(null, "a", .5),
            () -> new TargetsDistribution(List.of(), global),
            () -> global.neverAbove(-.1),
            () -> global.neverAbove(1.1),
            () -> global.neverAbove(Double.NaN),
            () -> global.neverAbove("", .5),
            () -> global.neverFewerThan(0),
            () -> new FloorDistribution(null, "*", .5, 1),
            () -> new RemovalPool(List.of(0), -1, List.of(1L)),
            () -> new RemovalPool(List.of(0), Double.NaN, List.of(1L)),
            () -> new RemovalPool(List.of(0), 1, List.of()),
            () -> new RemovalPool(List.of(0), 1, List.of(0L)));
    for (Supplier<Object> value : bad) {
      assertThatThrownBy(value::get).isInstanceOf(IllegalArgumentException.class);
    }
    List<Contender> tensors = List.of(Tensors.contender("a", 1, 2), Tensors.contender("b", 1, 2));
    assertThatThrownBy(() -> removed(global.withTarget("c", .5), tensors, new Due(.5, 1)))
        .hasMessageContaining("target for c")
        .hasMessageContaining("[a.W, b.W]");
    assertThatThrownBy(() -> removed(global.neverAbove("c", .5), tensors, due(.5)))
        .hasMessageContaining("floor for c");
    assertThatThrownBy(() -> removed(SparsityDistribution.budget(1), tensors, new Due(.5, 1)))
        .hasMessageContaining("1 too few");
  }
}
