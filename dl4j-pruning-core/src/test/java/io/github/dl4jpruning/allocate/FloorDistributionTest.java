package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.allocate.DistributionFixtures.due;
import static io.github.dl4jpruning.allocate.DistributionFixtures.removed;
import static io.github.dl4jpruning.allocate.DistributionFixtures.sized;
import static io.github.dl4jpruning.testing.Tensors.contender;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FloorDistributionTest {

  private static Contender contender(String layer, int weights) {
    return Tensors.contender(layer, IntStream.range(1, weights + 1).asDoubleStream().toArray());
  }

  private static final List<Contender> TENSORS = List.of(contender("a", 10), contender("b", 20));

  /** What the inner distribution is told, for the first tensor and the second. */
  private static List<Long> most(SparsityDistribution floor) {
    List<Long> most = new java.util.ArrayList<>();
    SparsityDistribution seen =
        new FloorDistribution(
            (tensors, due) -> {
              tensors.forEach(tensor -> most.add(tensor.mostRemoved()));
              return SparsityDistribution.uniform().allocate(tensors, due);
            },
            ((FloorDistribution) floor).layers(),
            ((FloorDistribution) floor).highestSparsity(),
            ((FloorDistribution) floor).fewestWeights());
    seen.allocate(TENSORS, new Due(0.1, 0.1));
    return most;
  }

  @Test
  void aFloorKeepsAFractionOrANumber() {
    assertThat(most(new FloorDistribution(SparsityDistribution.global(), "*", 0.5, 1)))
        .containsExactly(5L, 10L);
    assertThat(most(new FloorDistribution(SparsityDistribution.global(), "*", 1.0, 8)))
        .containsExactly(2L, 12L);
    assertThat(most(new FloorDistribution(SparsityDistribution.global(), "*", 0.5, 8)))
        .containsExactly(2L, 10L);
    assertThat(most(new FloorDistribution(SparsityDistribution.global(), "b", 0.25, 1)))
        .containsExactly(9L, 5L); // one weight always stays
    // 0.3 · 10 is a little below 3 as a double.
    assertThat(most(new FloorDistribution(SparsityDistribution.global(), "a", 0.3, 1)))
        .containsExactly(3L, 19L);
    assertThat(most(new FloorDistribution(SparsityDistribution.global(), "a", 0.0, 1)))
        .containsExactly(0L, 19L);
  }

  @Test
  void itIsWhatItIsAround() {
    for (SparsityDistribution inner :
        List.of(
            SparsityDistribution.global(),
            SparsityDistribution.budget(5),
            SparsityDistribution.threshold(0.5),
            SparsityDistribution.thresholdInDeviations(0.5))) {
      SparsityDistribution floor = new FloorDistribution(inner, "*", 0.9, 2);
      assertThat(floor.sharesTotal()).isEqualTo(inner.sharesTotal());
      assertThat(floor.needsDeviations()).isEqualTo(inner.needsDeviations());
      assertThat(floor.needsProgress()).isEqualTo(inner.needsProgress());
    }
  }

  @Test
  void targetsGoInside() {
    SparsityDistribution floor = new FloorDistribution(SparsityDistribution.global(), "a", 0.9, 2);

    assertThat(floor.withTarget("b", 0.5))
        .isEqualTo(
            new FloorDistribution(SparsityDistribution.global().withTarget("b", 0.5), "a", 0.9, 2));
    assertThat(floor.withTypeTarget("LSTM", 0.5))
        .isEqualTo(
            new FloorDistribution(
                SparsityDistribution.global().withTypeTarget("LSTM", 0.5), "a", 0.9, 2));
  }

  @Test
  void itsTextSaysWhatIsNotTheDefault() {
    SparsityDistribution global = SparsityDistribution.global();
    assertThat(new FloorDistribution(global, "*", 0.9, 1))
        .hasToString(global + ", never above 0.9");
    assertThat(new FloorDistribution(global, "*", 1.0, 2))
        .hasToString(global + ", never fewer than 2");
    assertThat(new FloorDistribution(global, "a", 1.0, 1)).hasToString(global + " in a");
  }

  @Test
  void badFloorsAreRefused() {
    SparsityDistribution global = SparsityDistribution.global();
    for (double bad : new double[] {-0.01, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> new FloorDistribution(global, "*", bad, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("neverAbove must be a sparsity in [0, 1], but is " + bad);
    }
    assertThatThrownBy(() -> new FloorDistribution(global, "*", 0.5, 0))
        .hasMessageContaining("neverFewerThan must be 1 or more, but is 0");
    assertThatThrownBy(() -> new FloorDistribution(null, "*", 0.5, 1))
        .hasMessageContaining("needs a distribution");
    assertThatThrownBy(
            () ->
                new FloorDistribution(global, "nowhere", 0.5, 1)
                    .allocate(TENSORS, new Due(0.1, 0.1)))
        .hasMessageContaining("expected a layer that matches nowhere, which has a floor");
  }

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
}
