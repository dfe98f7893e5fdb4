package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** K-means in one dimension, against what k-means promises. */
class ClustersTest {

  private static double[] values(int count, int kind, Random random) {
    return IntStream.range(0, count)
        .mapToDouble(
            i ->
                switch (kind) {
                  case 0 -> random.nextGaussian();
                  case 1 -> Math.pow(random.nextGaussian(), 3);
                  case 2 -> (random.nextBoolean() ? 1e-30 : -3e30) * (1 + random.nextDouble());
                  default -> random.nextInt(40);
                })
        .toArray();
  }

  private static double cost(double[] values, Clusters clusters) {
    return Arrays.stream(values)
        .map(v -> Math.pow(v - clusters.centroid(clusters.codeOf(v)), 2))
        .sum();
  }

  @Property(tries = 400)
  void shouldBeAtRest(
      @ForAll @IntRange(min = 1, max = 2_000) int count,
      @ForAll @IntRange(min = 1, max = 8) int bits,
      @ForAll @IntRange(max = 3) int kind,
      @ForAll long seed) {
    double[] values = values(count, kind, new Random(seed));

    Clusters clusters = Clusters.of(values, bits);

    int size = clusters.size();
    assertThat(size).isBetween(1, 1 << bits);
    double[] sums = new double[size];
    int[] counts = new int[size];
    double spread = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    for (double value : values) {
      int code = clusters.codeOf(value);
      double distance = Math.abs(value - clusters.centroid(code));
      for (int other = 0; other < size; other++) {
        assertThat(distance)
            .isLessThanOrEqualTo(Math.abs(value - clusters.centroid(other)) + 1e-12 * spread);
      }
      sums[code] += value;
      counts[code]++;
    }
    for (int c = 0; c < size; c++) {
      assertThat(counts[c]).as("values of cluster %d", c).isPositive();
      assertThat(clusters.centroid(c)).isCloseTo(sums[c] / counts[c], within(1e-9 * spread));
      assertThat(c == 0 || clusters.centroid(c) > clusters.centroid(c - 1)).isTrue();
    }
  }

  @Property(tries = 100)
  void shouldKeepValuesThatAreFewEnough(
      @ForAll @IntRange(min = 1, max = 8) int bits, @ForAll long seed) {
    Random random = new Random(seed);
    double[] few = random.doubles(1 << bits, -1, 1).toArray();
    double[] values = IntStream.range(0, 500).mapToDouble(i -> few[i % few.length]).toArray();

    Clusters clusters = Clusters.of(values, bits);

    assertThat(cost(values, clusters)).isZero();
  }

  @Example
  void shouldBeBetterWithMoreBits() {
    double[] values = values(50_000, 0, new Random(4));
    double[] costs =
        IntStream.rangeClosed(1, 8)
            .mapToDouble(b -> cost(values, Clusters.of(values, b)))
            .toArray();

    for (int b = 1; b < costs.length; b++) {
      assertThat(costs[b]).isLessThan(0.6 * costs[b - 1]);
    }
    // The least that two values can cost a normal distribution: 1 − 2/π of its variance.
    assertThat(costs[0] / 50_000).isCloseTo(1 - 2 / Math.PI, within(0.01));
  }

  @Example
  void shouldRefuseWhatCannotBe() {
    assertThatThrownBy(() -> Clusters.of(new double[] {1}, 0)).hasMessageContaining("but are 0");
    assertThatThrownBy(() -> Clusters.of(new double[] {1}, 9)).hasMessageContaining("but are 9");
    assertThatThrownBy(() -> Clusters.of(new double[] {1, Double.NaN}, 2))
        .hasMessageContaining("must be finite");
    assertThatThrownBy(() -> Clusters.of(new double[] {1, Double.NEGATIVE_INFINITY}, 2))
        .hasMessageContaining("must be finite");
  }

  /** From 0 and 11, the values 0 and 4 come together; from two centroids below, 4 and 11 would. */
  @Example
  void theFirstCentroidsLieBetweenTheEnds() {
    Clusters clusters = Clusters.of(new double[] {4, 0, 11}, 1);

    assertThat(clusters.size()).isEqualTo(2);
    assertThat(clusters.centroid(0)).isEqualTo(2.0);
    assertThat(clusters.centroid(1)).isEqualTo(11.0);
  }
}
