package io.github.dl4jpruning.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Compensation and elimination against plain implementations. */
class ReconstructionTest {

  private static final int CASES = 300;

  /** Inputs that depend on each other, as those of layers do. */
  static double[][] samples(Random random, int count, int inputs) {
    double[][] samples = new double[count][inputs];
    for (double[] sample : samples) {
      double common = random.nextGaussian();
      for (int i = 0; i < inputs; i++) {
        sample[i] = random.nextGaussian() + common * (i % 3) + 0.3;
      }
    }
    return samples;
  }

  static SecondMoments moments(double[][] samples, boolean centred) {
    int n = samples[0].length;
    double[][] products = new double[n][n];
    double[] sums = new double[n];
    for (double[] sample : samples) {
      for (int i = 0; i < n; i++) {
        sums[i] += sample[i];
        for (int j = 0; j < n; j++) {
          products[i][j] += sample[i] * sample[j];
        }
      }
    }
    return SecondMoments.of(products, sums, samples.length, centred);
  }

  static double[] row(Random random, int n) {
    return random.doubles(n, -1, 1).toArray();
  }

  private static boolean[] mask(Random random, int n, double part) {
    boolean[] kept = new boolean[n];
    for (int i = 0; i < n; i++) {
      kept[i] = random.nextDouble() < part;
    }
    return kept;
  }

  /** Solves a system by Gaussian elimination with pivots. */
  private static double[] solved(double[][] matrix, double[] right) {
    int n = right.length;
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int r = c; r < n; r++) {
        pivot = Math.abs(matrix[r][c]) > Math.abs(matrix[pivot][c]) ? r : pivot;
      }
      double[] moved = matrix[c];
      matrix[c] = matrix[pivot];
      matrix[pivot] = moved;
      double value = right[c];
      right[c] = right[pivot];
      right[pivot] = value;
      for (int r = 0; r < n; r++) {
        if (r != c) {
          double factor = matrix[r][c] / matrix[c][c];
          for (int k = c; k < n; k++) {
            matrix[r][k] -= factor * matrix[c][k];
          }
          right[r] -= factor * right[c];
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = right[i] / matrix[i][i];
    }
    return solution;
  }

  /**
   * The normal equations of the kept weights: H of kept × kept times v is H of kept × all times w.
   */
  static double[] leastSquares(double[] row, boolean[] kept, SecondMoments moments) {
    int n = row.length;
    int[] stay = IntStream.range(0, n).filter(i -> kept[i]).toArray();
    double[][] matrix = new double[stay.length][stay.length];
    double[] right = new double[stay.length];
    for (int i = 0; i < stay.length; i++) {
      for (int j = 0; j < stay.length; j++) {
        matrix[i][j] = moments.matrix()[stay[i]][stay[j]];
      }
      for (int j = 0; j < n; j++) {
        right[i] += moments.matrix()[stay[i]][j] * row[j];
      }
    }
    double[] found = solved(matrix, right);
    double[] all = new double[n];
    for (int i = 0; i < stay.length; i++) {
      all[stay[i]] = found[i];
    }
    return all;
  }

  static double cost(double[] before, double[] after, SecondMoments moments) {
    double[] change = after.clone();
    for (int i = 0; i < change.length; i++) {
      change[i] -= before[i];
    }
    return moments.cost(new double[][] {change});
  }

  @Test
  void shouldGiveTheLeastSquaresSolution() {
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      int n = 1 + random.nextInt(40);
      SecondMoments moments = moments(samples(random, 3 * n + 5, n), random.nextBoolean());
      int outputs = 1 + random.nextInt(6);
      double[][] rows = new double[outputs][];
      boolean[][] kept = new boolean[outputs][];
      for (int r = 0; r < outputs; r++) {
        rows[r] = row(random, n);
        kept[r] = r > 0 && random.nextBoolean() ? kept[r - 1] : mask(random, n, 0.5);
      }

      double[][] corrected = Compensation.of(rows, kept, PairedMoments.same(moments), 0);

      for (int r = 0; r < outputs; r++) {
        double[] expected = leastSquares(rows[r], kept[r], moments);
        assertThat(corrected[r]).as("seed " + seed).containsExactly(expected, within(1e-8));
        for (int i = 0; i < n; i++) {
          assertThat(corrected[r][i] == 0.0).isEqualTo(!kept[r][i]);
        }
      }
    }
  }

  /** Where inputs have changed, the weights give what the layer gave before: H·v = C·w if kept. */
  @Test
  void shouldMakeUpForChangedInputs() {
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      int n = 2 + random.nextInt(12);
      double[][] before = samples(random, 60, n);
      double[][] now = new double[before.length][n];
      double[][] products = new double[n][n];
      for (int s = 0; s < before.length; s++) {
        for (int i = 0; i < n; i++) {
          now[s][i] = before[s][i] * 0.7 + before[s][(i + 1) % n] * 0.2 + random.nextGaussian();
        }
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            products[i][j] += now[s][i] * before[s][j];
          }
        }
      }
      boolean centred = random.nextBoolean();
      PairedMoments moments =
          PairedMoments.of(
              moments(now, centred), moments(before, centred), products, before.length);
      double[] row = row(random, n);
      boolean[] kept = mask(random, n, 0.7);

      double[] found = Compensation.of(new double[][] {row}, new boolean[][] {kept}, moments, 0)[0];

      double[][] h = moments.now().matrix();
      for (int i = 0; i < n; i++) {
        if (kept[i]) {
          double difference = Products.dot(h[i], found, 0, n) - moments.target(i, row);
          assertThat(difference).as("seed " + seed).isCloseTo(0, within(1e-8));
        } else {
          assertThat(found[i]).isZero();
        }
      }
      double[] plain = row.clone();
      for (int i = 0; i < n; i++) {
        plain[i] = kept[i] ? plain[i] : 0;
      }
      double[][] rows = {row};
      assertThat(moments.error(rows, new double[][] {found}))
          .isLessThanOrEqualTo(moments.error(rows, new double[][] {plain}) + 1e-9);
    }
  }

  /** Large matrices are factored in panels and on several threads. */
  @Test
  void shouldFactorLargeMatrices() {
    Random random = new Random(1);
    SecondMoments some = moments(samples(random, 600, 200), true);
    double[][] rows = {row(random, 200)};
    boolean[][] kept = {mask(random, 200, 0.8)};
    assertThat(Compensation.of(rows, kept, PairedMoments.same(some), 0)[0])
        .containsExactly(leastSquares(rows[0], kept[0], some), within(1e-8));

    int n = 600; // more than a block of columns
    SecondMoments whole = moments(samples(random, 1200, n), true);
    double[][] matrix = whole.matrix();
    double[][] inverse = InverseFactor.inPlace(whole.dampedMatrix(0)).inverse();
    for (int i = 0; i < n; i += 37) {
      for (int j = 0; j < n; j += 11) {
        double product = Products.dot(matrix[i], inverse[j], 0, n);
        assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-9));
      }
    }
    double[] diagonal = InverseFactor.inPlace(whole.dampedMatrix(0)).diagonal();
    for (int i = 0; i < n; i++) {
      assertThat(diagonal[i]).isCloseTo(inverse[i][i], within(1e-12));
    }
  }

  /** Beyond the exact solution, too, what dead inputs gave comes from those that go with them. */
  @Test
  void shouldFitLargeLayersToChangedInputs() {
    Random random = new Random(3);
    int n = 330;
    double[][] before = samples(random, 500, n);
    double[][] now = new double[before.length][];
    double[][] products = new double[n][n];
    for (int s = 0; s < before.length; s++) {
      before[s][0] = before[s][1] + 0.01 * before[s][0];
      now[s] = before[s].clone();
      now[s][0] = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          products[i][j] += now[s][i] * before[s][j];
        }
      }
    }
    PairedMoments moments =
        PairedMoments.of(moments(now, true), moments(before, true), products, before.length);
    double[][] rows = new double[4_000][]; // each with a mask of its own
    boolean[][] kept = new boolean[rows.length][];
    double[][] plain = new double[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = row(random, n);
      kept[r] = mask(random, n, 0.99);
      kept[r][0] = false;
      kept[r][1] = true;
      plain[r] = rows[r].clone();
      for (int i = 0; i < n; i++) {
        plain[r][i] = kept[r][i] ? plain[r][i] : 0;
      }
    }

    double[][] found = Compensation.of(rows, kept, moments, 0.001);

    assertThat(moments.error(rows, found)).isLessThan(0.5 * moments.error(rows, plain));
  }

  /** Errors are passed on block by block as one by one. */
  @Test
  void shouldPassErrorsOnInBlocks() {
    Random random = new Random(2);
    int n = 600;
    SecondMoments moments = moments(samples(random, 1200, n), false);
    double[][] rows = new double[40][];
    boolean[][] kept = new boolean[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = row(random, n);
      kept[r] = mask(random, n, 0.4);
    }
    double[][] upper = InverseFactor.inPlace(moments.dampedMatrix(0)).rows();

    double[][] passed = Compensation.passedOn(rows, kept, moments, 0);

    double[][] changes = new double[rows.length][n];
    for (int r = 0; r < rows.length; r++) {
      double[] expected = rows[r].clone();
      for (int i = 0; i < n; i++) {
        double error = kept[r][i] ? 0 : expected[i] / upper[i][i];
        for (int j = i; j < n; j++) {
          expected[j] -= error * upper[i][j];
        }
        expected[i] = kept[r][i] ? expected[i] : 0;
      }
      assertThat(passed[r]).containsExactly(expected, within(1e-9));
      for (int i = 0; i < n; i++) {
        changes[r][i] = passed[r][i] - rows[r][i];
      }
    }
    double error = 0;
    for (double[] change : changes) {
      for (int i = 0; i < n; i++) {
        error += change[i] * Products.dot(moments.matrix()[i], change, 0, n);
      }
    }
    assertThat(PairedMoments.same(moments).error(rows, passed))
        .isCloseTo(error, within(1e-9 * error));
  }

  /**
   * Errors that are passed on end in the least squares solution if the removed weights come first.
   */
  @Test
  void shouldPassErrorsOn() {
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      int n = 2 + random.nextInt(20);
      SecondMoments moments = moments(samples(random, 4 * n, n), true);
      double[][] rows = {row(random, n), row(random, n)};
      boolean[] last = new boolean[n];
      Arrays.fill(last, 1 + random.nextInt(n - 1), n, true);
      boolean[] any = mask(random, n, 0.5);

      double[][] passed = Compensation.passedOn(rows, new boolean[][] {last, any}, moments, 0);

      assertThat(passed[0]).containsExactly(leastSquares(rows[0], last, moments), within(1e-8));
      double[] plain = rows[1].clone();
      for (int i = 0; i < n; i++) {
        plain[i] = any[i] ? plain[i] : 0;
        assertThat(passed[1][i] == 0.0).isEqualTo(!any[i]);
      }
      double best = cost(rows[1], leastSquares(rows[1], any, moments), moments);
      assertThat(cost(rows[1], passed[1], moments)).isGreaterThanOrEqualTo(best - 1e-9);
    }
  }

  /** Costs are those of the least squares solution after each removal, in the greedy order. */
  @Test
  void shouldEliminateGreedily() {
    for (int seed = 0; seed < CASES; seed++) {
      Random random = new Random(seed);
      int n = 1 + random.nextInt(12);
      SecondMoments moments = moments(samples(random, 4 * n + 3, n), random.nextBoolean());
      double[] row = row(random, n);

      double[] costs = Elimination.costs(new double[][] {row}, moments, 0)[0];

      boolean[] kept = new boolean[n];
      Arrays.fill(kept, true);
      double[] expected = new double[n];
      double before = 0;
      double highest = 0;
      for (int step = 0; step < n; step++) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
          if (kept[i]) {
            kept[i] = false;
            double cost = cost(row, leastSquares(row, kept, moments), moments);
            kept[i] = true;
            if (cost < least) {
              least = cost;
              best = i;
            }
          }
        }
        kept[best] = false;
        highest = Math.max(highest, least - before);
        expected[best] = highest;
        before = least;
      }
      assertThat(costs).as("seed " + seed).containsExactly(expected, within(1e-8));
    }
  }

  @Test
  void shouldRefuseInputsThatFollowFromOthersUnlessDamped() {
    Random random = new Random(5);
    double[][] samples = samples(random, 50, 4);
    for (double[] sample : samples) {
      sample[2] = sample[0] + sample[1];
      sample[3] = 7;
    }
    SecondMoments moments = moments(samples, true);
    double[][] rows = {row(random, 4)};
    boolean[][] kept = {{true, true, true, false}};

    assertThatThrownBy(() -> Compensation.of(rows, kept, PairedMoments.same(moments), 0))
        .isInstanceOf(SingularMatrixException.class)
        .hasMessageContaining("damping above 0 helps");
    assertThatThrownBy(() -> Elimination.costs(rows, moments, 0))
        .isInstanceOf(SingularMatrixException.class);
    double[] corrected = Compensation.of(rows, kept, PairedMoments.same(moments), 0.01)[0];
    assertThat(Arrays.copyOf(corrected, 3))
        .as("a constant input costs nothing")
        .containsExactly(Arrays.copyOf(rows[0], 3), within(1e-9));
    double[] costs = Elimination.costs(rows, moments, 0.01)[0];
    assertThat(Arrays.stream(costs).allMatch(Double::isFinite)).isTrue();
  }

  @Test
  void shouldDampInputsThatNeverChange() {
    SecondMoments still = moments(new double[][] {{1, 2}, {1, 2}, {1, 2}}, true);

    assertThat(still.matrix()).isDeepEqualTo(new double[2][2]);
    assertThat(still.means()).containsExactly(1, 2);
    assertThat(still.raw()).containsExactly(1, 4);
    assertThat(still.damped(0.01).matrix()).isDeepEqualTo(new double[][] {{1, 0}, {0, 1}});
    assertThat(still.damped(0)).isSameAs(still);
  }
}
