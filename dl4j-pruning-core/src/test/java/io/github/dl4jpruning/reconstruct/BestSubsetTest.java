package io.github.dl4jpruning.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The search over all masks against a plain one. */
class BestSubsetTest {

  /** Of all masks with a number of weights, none has a smaller least squares error. */
  @Test
  void shouldFindTheBestOfAllMasks() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int outputs = 1 + random.nextInt(3);
      int n = 1 + random.nextInt(outputs == 1 ? 10 : 12 / outputs);
      SecondMoments moments =
          ReconstructionTest.moments(
              ReconstructionTest.samples(random, 4 * n + 3, n), random.nextBoolean());
      double[][] rows = new double[outputs][];
      double[][] errors = new double[outputs][1 << n];
      for (int r = 0; r < outputs; r++) {
        rows[r] = ReconstructionTest.row(random, n);
        for (int set = 0; set < 1 << n; set++) {
          errors[r][set] =
              ReconstructionTest.cost(
                  rows[r],
                  ReconstructionTest.leastSquares(rows[r], chosen(set, n), moments),
                  moments);
        }
      }
      int removed = random.nextInt(n * outputs + 1);
      double least = Double.POSITIVE_INFINITY;
      for (int all = 0; all < 1 << (n * outputs); all++) {
        if (Integer.bitCount(all) == n * outputs - removed) {
          double error = 0;
          for (int r = 0; r < outputs; r++) {
            error += errors[r][all >> (r * n) & ((1 << n) - 1)];
          }
          least = Math.min(least, error);
        }
      }
      PairedMoments same = PairedMoments.same(moments);

      boolean[][] kept = BestSubset.of(rows, same, 0, removed).orElseThrow();

      double[][] corrected = Compensation.of(rows, kept, same, 0);
      assertThat(same.error(rows, corrected)).as("seed " + seed).isCloseTo(least, within(1e-8));
      long zeros =
          Arrays.stream(corrected).flatMapToDouble(Arrays::stream).filter(w -> w == 0).count();
      assertThat(zeros).isEqualTo(removed);
    }
    assertThat(BestSubset.of(new double[1][13], same(13), 0, 3)).as("too many masks").isEmpty();
    assertThat(BestSubset.of(new double[90_000][9], same(9), 0, 3)).as("too many rows").isEmpty();
  }

  private static PairedMoments same(int n) {
    return PairedMoments.same(
        ReconstructionTest.moments(ReconstructionTest.samples(new Random(1), 40, n), true));
  }

  private static boolean[] chosen(int set, int n) {
    boolean[] kept = new boolean[n];
    for (int i = 0; i < n; i++) {
      kept[i] = (set >> i & 1) == 1;
    }
    return kept;
  }
}
