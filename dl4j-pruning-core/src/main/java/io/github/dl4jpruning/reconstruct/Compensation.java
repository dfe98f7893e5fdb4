package io.github.dl4jpruning.reconstruct;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Lets the weights that stay make up for those that go: the least squares solution for the kept
 * weights of each row, v = w on the kept ones plus (H of kept × kept)⁻¹ · (H of kept × removed) · w
 * of the removed ones.
 *
 * <p>The solution is exact up to a certain amount of work. Beyond it, weights are removed from left
 * to right, and each error is passed on to the weights behind it only, so that one factor serves
 * all rows: E. Frantar and D. Alistarh, "SparseGPT", 2023 (arXiv 2301.00774).
 */
public final class Compensation {

  /** Operations that the exact solution may take; about twenty seconds on two cores. */
  private static final double MOST_WORK = 4e10;

  private Compensation() {}

  /**
   * Returns corrected weights.
   *
   * @param rows the weights, a row for each output
   * @param kept which of them stay, in the same shape
   * @param moments the moments of the inputs
   * @return the weights that stay, corrected; zeros elsewhere
   * @throws SingularMatrixException if the moments of the kept inputs cannot be inverted
   */
  public static double[][] of(double[][] rows, boolean[][] kept, SecondMoments moments) {
    double work = 0;
    for (boolean[] row : kept) {
      double stay = count(row);
      work += stay * stay * stay / 3;
    }
    return work <= MOST_WORK ? exact(rows, kept, moments) : passedOn(rows, kept, moments);
  }

  /** Returns the least squares solution. Rows with the same mask share a factor. */
  static double[][] exact(double[][] rows, boolean[][] kept, SecondMoments moments) {
    Map<List<Integer>, List<Integer>> alike = new LinkedHashMap<>();
    for (int r = 0; r < rows.length; r++) {
      alike.computeIfAbsent(positions(kept[r]), key -> new ArrayList<>()).add(r);
    }
    double[][] corrected = new double[rows.length][];
    List<Map.Entry<List<Integer>, List<Integer>>> groups = List.copyOf(alike.entrySet());
    // A few large factors use all cores themselves; many small ones share them.
    IntStream each = IntStream.range(0, groups.size());
    (groups.size() > 1 ? each.parallel() : each)
        .forEach(
            g -> {
              int[] stay = groups.get(g).getKey().stream().mapToInt(Integer::intValue).toArray();
              solve(rows, groups.get(g).getValue(), stay, moments, corrected);
            });
    return corrected;
  }

  private static void solve(
      double[][] rows, List<Integer> group, int[] stay, SecondMoments moments, double[][] to) {
    int n = moments.size();
    boolean all = stay.length == n;
    Cholesky factor =
        all || stay.length == 0 ? null : Cholesky.inPlace(moments.block(stay), stay.length);
    for (int r : group) {
      double[] row = rows[r];
      if (factor == null) {
        to[r] = all ? row.clone() : new double[n];
        continue;
      }
      double[] removed = row.clone();
      for (int i : stay) {
        removed[i] = 0;
      }
      double[] right = new double[stay.length];
      for (int k = 0; k < stay.length; k++) {
        right[k] = Cholesky.dot(moments.matrix(), stay[k] * n, removed, 0, n);
      }
      factor.solve(right);
      double[] corrected = new double[n];
      for (int k = 0; k < stay.length; k++) {
        corrected[stay[k]] = row[stay[k]] + right[k];
      }
      to[r] = corrected;
    }
  }

  /** Passes errors on from left to right. */
  static double[][] passedOn(double[][] rows, boolean[][] kept, SecondMoments moments) {
    int n = moments.size();
    InverseFactor factor = InverseFactor.of(moments.matrix(), n);
    double[][] corrected = new double[rows.length][];
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(
            r -> {
              double[] row = rows[r].clone();
              for (int i = 0; i < n; i++) {
                if (!kept[r][i]) {
                  factor.addRow(i, -row[i] / factor.get(i, i), row, 0);
                  row[i] = 0;
                }
              }
              for (int i = 0; i < n; i++) {
                row[i] = kept[r][i] ? row[i] : 0;
              }
              corrected[r] = row;
            });
    return corrected;
  }

  private static long count(boolean[] kept) {
    return IntStream.range(0, kept.length).filter(i -> kept[i]).count();
  }

  private static List<Integer> positions(boolean[] kept) {
    return IntStream.range(0, kept.length).filter(i -> kept[i]).boxed().toList();
  }
}
