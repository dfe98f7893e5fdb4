package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.allocate.DistributionFixtures.NO_PROGRESS;
import static io.github.dl4jpruning.allocate.DistributionFixtures.due;
import static io.github.dl4jpruning.allocate.DistributionFixtures.removed;
import static io.github.dl4jpruning.allocate.DistributionFixtures.sized;
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

/**
 * Distributions that share out a total: global, uniform, Erdős-Rényi-Kernel and LAMP; and values
 * that no distribution takes.
 */
class SparsityDistributionTest {

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

  @Test
  void lampTakesScoresWhoseSquaresVanish() {
    List<Contender> tensors = List.of(contender("a", 1e-170, 2e-170, 3e-170), contender("b", 1));

    assertThat(removed(SparsityDistribution.lamp(), tensors, due(.5))).containsExactly(2, 0);
  }

  // ------------------------------------------------------------------------------ errors

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
        .hasMessageContaining("matches c, which has a target")
        .hasMessageContaining("[a.W, b.W]");
    assertThatThrownBy(() -> removed(global.neverAbove("c", .5), tensors, due(.5)))
        .hasMessageContaining("matches c, which has a floor");
    assertThatThrownBy(() -> removed(SparsityDistribution.budget(1), tensors, new Due(.5, 1)))
        .hasMessageContaining("1 too few");
  }
}
