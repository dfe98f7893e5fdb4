package io.github.dl4jpruning.reconstruct;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The factor L of a symmetric positive definite matrix A = L·Lᵀ, panel by panel. Large matrices are
 * factored on all cores.
 */
final class Cholesky {

  /** Smaller matrices are faster on one thread. */
  private static final int PARALLEL = 192;

  /** A pivot below this fraction of its diagonal element counts as zero. */
  private static final double SINGULAR = 1e-13;

  private final double[][] lower;

  private Cholesky(double[][] lower) {
    this.lower = lower;
  }

  /**
   * Factors a matrix in place.
   *
   * @param matrix rows; only the lower triangle is read; overwritten
   * @throws SingularMatrixException if it is not positive definite
   */
  static Cholesky inPlace(double[][] matrix) {
    int n = matrix.length;
    double[] diagonal = IntStream.range(0, n).mapToDouble(i -> matrix[i][i]).toArray();
    double[][] transposed = new double[Math.min(n, Products.DEPTH)][n];
    for (int begin = 0; begin < n; begin += Products.DEPTH) {
      int end = Math.min(n, begin + Products.DEPTH);
      for (int i = begin; i < end; i++) {
        double[] row = matrix[i];
        divide(matrix, row, begin, i);
        double pivot = row[i] - Products.dot(row, row, begin, i);
        if (!(pivot > SINGULAR * Math.abs(diagonal[i]))) {
          throw new SingularMatrixException(i);
        }
        row[i] = Math.sqrt(pivot);
      }
      if (end < n) {
        below(matrix, begin, end, transposed);
      }
    }
    return new Cholesky(matrix);
  }

  /** Solves for the elements of a row from one column to another. */
  private static void divide(double[][] matrix, double[] row, int from, int to) {
    for (int j = from; j < to; j++) {
      row[j] = (row[j] - Products.dot(row, matrix[j], from, j)) / matrix[j][j];
    }
  }

  /** Solves for the rows below a panel, and subtracts what they share from what is left. */
  private static void below(double[][] matrix, int begin, int end, double[][] transposed) {
    int n = matrix.length;
    rows(end, n)
        .forEach(
            i -> {
              divide(matrix, matrix[i], begin, end);
              for (int k = begin; k < end; k++) {
                transposed[k - begin][i] = matrix[i][k];
              }
            });
    for (int j = end; j < n; j += Products.WIDTH) {
      int from = j;
      rows(from, n)
          .forEach(
              i -> {
                int to = Math.min(i + 1, from + Products.WIDTH);
                Products.subtract(matrix[i], matrix[i], begin, transposed, from, to);
              });
    }
  }

  private static IntStream rows(int from, int to) {
    IntStream rows = IntStream.range(from, to);
    return to - from >= PARALLEL ? rows.parallel() : rows;
  }

  /** Solves A·x = b in place. */
  void solve(double[] b) {
    for (int i = 0; i < lower.length; i++) {
      b[i] = (b[i] - Products.dot(lower[i], b, 0, i)) / lower[i][i];
    }
    for (int i = lower.length - 1; i >= 0; i--) {
      double[] row = lower[i];
      double x = b[i] / row[i];
      b[i] = x;
      for (int k = 0; k < i; k++) {
        b[k] -= row[k] * x;
      }
    }
  }

  /** Returns L⁻¹, with zeros above the diagonal. Strips of columns are solved for apart. */
  double[][] inverseOfFactor() {
    int n = lower.length;
    double[][] inverse = new double[n][n];
    int width = Products.WIDTH / 2;
    int strips = (n - 1) / width + 1;
    // The first strips take most of the work, so the last ones stand between them.
    IntStream.range(0, strips)
        .parallel()
        .map(s -> s % 2 == 0 ? s / 2 : strips - 1 - s / 2)
        .forEach(s -> invert(inverse, s * width, Math.min(n, (s + 1) * width)));
    return inverse;
  }

  private void invert(double[][] inverse, int from, int to) {
    int n = lower.length;
    for (int begin = from; begin < n; begin += Products.DEPTH) {
      int end = Math.min(n, begin + Products.DEPTH);
      for (int k = from; k < begin; k += Products.DEPTH) {
        double[][] known = Arrays.copyOfRange(inverse, k, Math.min(begin, k + Products.DEPTH));
        for (int i = begin; i < end; i++) {
          Products.subtract(inverse[i], lower[i], k, known, from, to);
        }
      }
      for (int i = begin; i < end; i++) {
        double[] row = inverse[i];
        double[][] known = Arrays.copyOfRange(inverse, begin, i);
        Products.subtract(row, lower[i], begin, known, from, to);
        if (i < to) {
          row[i] = 1;
        }
        double scale = 1 / lower[i][i];
        for (int j = from; j < to; j++) {
          row[j] *= scale;
        }
      }
    }
  }
}
