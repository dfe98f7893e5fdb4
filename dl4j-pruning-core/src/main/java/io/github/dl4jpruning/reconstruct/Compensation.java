package io.github.dl4jpruning.reconstruct;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Lets the weights that stay make up for those that go, and for inputs that have changed: the least
 * squares solution v = w + d for the kept weights of each row, with (H + λ)·d = C·w − H·w, where H
 * belongs to the kept inputs alone, and C = E[x·zᵀ] to what the layer read before.
 *
 * <p>The solution is exact up to a certain amount of work. Beyond it, all weights are first fitted
 * to the changed inputs; then they are removed from left to right, and each error is passed on to
 * the weights behind it only, so that one factor serves all rows: E. Frantar and D. Alistarh,
 * "SparseGPT", 2023 (arXiv 2301.00774).
 */
public final class Compensation {

  /** Operations that the exact solution may take; about twenty seconds on two cores. */
  private static final double MOST_WORK = 4e10;

  /** Rows that one thread takes at once. */
  private static final int ROWS = 32;

  private Compensation() {}

  /**
   * Returns corrected weights.
   *
   * @param rows the weights, a row for each output
   * @param kept which of them stay, in the same shape
   * @param moments the moments of the inputs, now and before
   * @param damping holds corrections back; see {@link SecondMoments#damped}
   * @return the weights that stay, corrected; zeros elsewhere
   * @throws SingularMatrixException if the moments of the kept inputs cannot be inverted
   */
  public static double[][] of(
      double[][] rows, boolean[][] kept, PairedMoments moments, double damping) {
    Map<List<Integer>, List<Integer>> alike = new LinkedHashMap<>();
    for (int r = 0; r < rows.length; r++) {
      alike.computeIfAbsent(positions(kept[r]), key -> new ArrayList<>()).add(r);
    }
    double work = 0;
    for (List<Integer> stay : alike.keySet()) {
      work += (double) stay.size() * stay.size() * stay.size() / 3;
    }
    return work <= MOST_WORK
        ? exact(rows, alike, moments, moments.now().damped(damping))
        : passedOn(fitted(rows, moments, damping), kept, moments.now(), damping);
  }

  /** Returns the least squares solution. Rows with the same mask share a factor. */
  private static double[][] exact(
      double[][] rows,
      Map<List<Integer>, List<Integer>> alike,
      PairedMoments moments,
      SecondMoments damped) {
    double[][] corrected = new double[rows.length][];
    List<Map.Entry<List<Integer>, List<Integer>>> groups = List.copyOf(alike.entrySet());
    // A few large factors use all cores themselves; many small ones share them.
    IntStream each = IntStream.range(0, groups.size());
    (groups.size() > 1 ? each.parallel() : each)
        .forEach(
            g -> {
              int[] stay = groups.get(g).getKey().stream().mapToInt(Integer::intValue).toArray();
              solve(rows, groups.get(g).getValue(), stay, moments, damped, corrected);
            });
    return corrected;
  }

  private static void solve(
      double[][] rows,
      List<Integer> group,
      int[] stay,
      PairedMoments moments,
      SecondMoments damped,
      double[][] to) {
    boolean unchanged = stay.length == damped.size() && moments.unchanged();
    Optional<Cholesky> factor =
        unchanged || stay.length == 0
            ? Optional.empty()
            : Optional.of(Cholesky.inPlace(damped.block(stay)));
    for (int r : group) {
      to[r] = solve(rows[r], stay, moments, factor);
    }
  }

  /** Returns the corrected weights of one row. */
  static double[] solve(double[] row, int[] stay, PairedMoments moments, SecondMoments damped) {
    double[][] corrected = new double[1][];
    solve(new double[][] {row}, List.of(0), stay, moments, damped, corrected);
    return corrected[0];
  }

  private static double[] solve(
      double[] row, int[] stay, PairedMoments moments, Optional<Cholesky> factor) {
    double[] corrected = new double[row.length];
    for (int i : stay) {
      corrected[i] = row[i];
    }
    if (factor.isPresent()) {
      double[] right = new double[stay.length];
      for (int k = 0; k < stay.length; k++) {
        double[] products = moments.now().matrix()[stay[k]];
        right[k] = moments.target(stay[k], row) - Products.dot(products, corrected, 0, row.length);
      }
      factor.get().solve(right);
      for (int k = 0; k < stay.length; k++) {
        corrected[stay[k]] += right[k];
      }
    }
    return corrected;
  }

  /** Returns the weights that give from changed inputs what was given before, none removed. */
  private static double[][] fitted(double[][] rows, PairedMoments moments, double damping) {
    if (moments.unchanged()) {
      return rows;
    }
    int[] all = IntStream.range(0, moments.now().size()).toArray();
    Cholesky factor = Cholesky.inPlace(moments.now().dampedMatrix(damping));
    double[][] fitted = new double[rows.length][];
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(r -> fitted[r] = solve(rows[r], all, moments, Optional.of(factor)));
    return fitted;
  }

  /** Passes errors on from left to right. */
  static double[][] passedOn(
      double[][] rows, boolean[][] kept, SecondMoments moments, double damping) {
    double[][] upper = InverseFactor.inPlace(moments.dampedMatrix(damping)).rows();
    double[][] corrected = Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    int chunks = (rows.length - 1) / ROWS + 1;
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            chunk -> {
              int from = chunk * ROWS;
              int to = Math.min(rows.length, from + ROWS);
              passOn(
                  Arrays.copyOfRange(corrected, from, to),
                  Arrays.copyOfRange(kept, from, to),
                  upper);
            });
    return corrected;
  }

  /** Errors go to the weights of a block at once, and to those behind it as one product. */
  private static void passOn(double[][] rows, boolean[][] kept, double[][] upper) {
    int n = upper.length;
    double[][] errors = new double[rows.length][Products.DEPTH];
    for (int begin = 0; begin < n; begin += Products.DEPTH) {
      int end = Math.min(n, begin + Products.DEPTH);
      double[][] block = Arrays.copyOfRange(upper, begin, end);
      for (int r = 0; r < rows.length; r++) {
        passOn(rows[r], kept[r], block, begin, errors[r]);
      }
      for (int j = end; j < n; j += Products.WIDTH) {
        for (int r = 0; r < rows.length; r++) {
          Products.subtract(rows[r], errors[r], 0, block, j, Math.min(n, j + Products.WIDTH));
        }
      }
    }
  }

  private static void passOn(
      double[] row, boolean[] kept, double[][] block, int begin, double[] errors) {
    int end = begin + block.length;
    for (int i = begin; i < end; i++) {
      double[] factors = block[i - begin];
      double error = kept[i] ? 0 : row[i] / factors[i];
      errors[i - begin] = error;
      if (!kept[i]) {
        for (int j = i; j < end; j++) {
          row[j] -= error * factors[j];
        }
        row[i] = 0;
      }
    }
  }

  private static List<Integer> positions(boolean[] kept) {
    return IntStream.range(0, kept.length).filter(i -> kept[i]).boxed().toList();
  }
}
