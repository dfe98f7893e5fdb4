package io.github.dl4jpruning.reconstruct;

import java.util.stream.IntStream;

/**
 * The factor L of a symmetric positive definite matrix A = L·Lᵀ. Large matrices are factored on all
 * cores.
 */
final class Cholesky {

  /** Rows of a panel; those of a large matrix still fit into a cache. */
  private static final int PANEL = 32;

  /** Smaller matrices are faster on one thread. */
  private static final int PARALLEL = 192;

  /** A pivot below this fraction of its diagonal element counts as zero. */
  private static final double SINGULAR = 1e-13;

  private final double[] lower;
  private final int n;

  private Cholesky(double[] lower, int n) {
    this.lower = lower;
    this.n = n;
  }

  /**
   * Factors a matrix in place.
   *
   * @param matrix n×n, row by row; only the lower triangle is read; overwritten
   * @throws SingularMatrixException if it is not positive definite
   */
  static Cholesky inPlace(double[] matrix, int n) {
    for (int begin = 0; begin < n; begin += PANEL) {
      int end = Math.min(n, begin + PANEL);
      for (int i = begin; i < end; i++) {
        double pivot = row(matrix, n, i, begin, i);
        if (!(pivot > SINGULAR * Math.abs(matrix[i * n + i]))) {
          throw new SingularMatrixException(i);
        }
        matrix[i * n + i] = Math.sqrt(pivot);
      }
      int from = begin;
      IntStream below = IntStream.range(end, n);
      (n >= PARALLEL ? below.parallel() : below).forEach(i -> row(matrix, n, i, from, end));
    }
    return new Cholesky(matrix, n);
  }

  /** Solves for the elements of a row from one column to another; returns what is left of it. */
  private static double row(double[] matrix, int n, int i, int from, int to) {
    for (int j = from; j < to; j++) {
      double value = matrix[i * n + j] - dot(matrix, i * n, matrix, j * n, j);
      matrix[i * n + j] = value / matrix[j * n + j];
    }
    return to == i ? matrix[i * n + i] - dot(matrix, i * n, matrix, i * n, i) : 0;
  }

  static double dot(double[] a, int fromA, double[] b, int fromB, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int k = 0;
    for (; k + 3 < length; k += 4) {
      s0 += a[fromA + k] * b[fromB + k];
      s1 += a[fromA + k + 1] * b[fromB + k + 1];
      s2 += a[fromA + k + 2] * b[fromB + k + 2];
      s3 += a[fromA + k + 3] * b[fromB + k + 3];
    }
    for (; k < length; k++) {
      s0 += a[fromA + k] * b[fromB + k];
    }
    return s0 + s1 + (s2 + s3);
  }

  /** Solves A·x = b in place. */
  void solve(double[] b) {
    for (int i = 0; i < n; i++) {
      b[i] = (b[i] - dot(lower, i * n, b, 0, i)) / lower[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
      double x = b[i] / lower[i * n + i];
      b[i] = x;
      for (int k = 0; k < i; k++) {
        b[k] -= lower[i * n + k] * x;
      }
    }
  }

  /** Returns L⁻¹, n×n, row by row, with zeros above the diagonal. */
  double[] inverseOfFactor() {
    double[] inverse = new double[n * n];
    int chunks = n >= PARALLEL ? Math.min(n, 4 * Runtime.getRuntime().availableProcessors()) : 1;
    // The first columns take most of the work, so chunks take every k-th block of columns.
    int blocks = (n - 1) / PANEL + 1;
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            chunk -> {
              for (int block = chunk; block < blocks; block += chunks) {
                invert(inverse, block * PANEL, Math.min(n, (block + 1) * PANEL));
              }
            });
    return inverse;
  }

  /** Computes some columns. */
  private void invert(double[] inverse, int from, int to) {
    for (int i = from; i < n; i++) {
      int end = Math.min(to, i + 1);
      for (int k = from; k < i; k++) {
        double factor = lower[i * n + k];
        int last = Math.min(to, k + 1);
        for (int j = from; j < last; j++) {
          inverse[i * n + j] -= factor * inverse[k * n + j];
        }
      }
      if (i < to) {
        inverse[i * n + i] = 1;
      }
      double scale = 1 / lower[i * n + i];
      for (int j = from; j < end; j++) {
        inverse[i * n + j] *= scale;
      }
    }
  }
}
