package io.github.dl4jpruning.reconstruct;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Products of matrices that are arrays of rows. They are cut into blocks that stay in the caches.
 * All arrays of an inner loop have the same index, since the compiler vectorises such loops only.
 */
final class Products {

  /** Rows of the right factor in a block. */
  static final int DEPTH = 64;

  /** Columns of the right factor in a block; DEPTH × WIDTH numbers take a quarter of a megabyte. */
  static final int WIDTH = 512;

  /** Rows of the left factor that one thread takes at once. */
  private static final int HEIGHT = 32;

  private Products() {}

  /**
   * Subtracts a row times a matrix from a row: c[j] −= Σ a[fromA + k]·b[k][j].
   *
   * @param c the row that changes, from one column to another
   * @param a the row, from one of its elements on
   * @param b the matrix, at least as wide as c
   */
  static void subtract(double[] c, double[] a, int fromA, double[][] b, int from, int to) {
    int k = 0;
    for (; k + 3 < b.length; k += 4) {
      double a0 = a[fromA + k];
      double a1 = a[fromA + k + 1];
      double a2 = a[fromA + k + 2];
      double a3 = a[fromA + k + 3];
      double[] b0 = b[k];
      double[] b1 = b[k + 1];
      double[] b2 = b[k + 2];
      double[] b3 = b[k + 3];
      for (int j = from; j < to; j++) {
        c[j] -= a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
      }
    }
    for (; k < b.length; k++) {
      double factor = a[fromA + k];
      double[] row = b[k];
      for (int j = from; j < to; j++) {
        c[j] -= factor * row[j];
      }
    }
  }

  static double dot(double[] a, double[] b, int from, int to) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int k = from;
    for (; k + 3 < to; k += 4) {
      s0 += a[k] * b[k];
      s1 += a[k + 1] * b[k + 1];
      s2 += a[k + 2] * b[k + 2];
      s3 += a[k + 3] * b[k + 3];
    }
    for (; k < to; k++) {
      s0 += a[k] * b[k];
    }
    return s0 + s1 + (s2 + s3);
  }

  /**
   * Returns Σ v·M·wᵀ over the rows v and w of two matrices.
   *
   * @param left rows v
   * @param matrix M, n×n
   * @param right rows w
   */
  static double bilinear(double[][] left, double[][] matrix, double[][] right) {
    int chunks = (left.length - 1) / HEIGHT + 1;
    double[] sums = new double[chunks];
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            chunk -> {
              int from = chunk * HEIGHT;
              int to = Math.min(left.length, from + HEIGHT);
              sums[chunk] =
                  bilinearOfFew(
                      Arrays.copyOfRange(left, from, to),
                      matrix,
                      Arrays.copyOfRange(right, from, to));
            });
    return Arrays.stream(sums).sum();
  }

  private static double bilinearOfFew(double[][] left, double[][] matrix, double[][] right) {
    int n = matrix.length;
    double[][] products = new double[left.length][n];
    for (int j = 0; j < n; j += WIDTH) {
      for (int k = 0; k < n; k += DEPTH) {
        double[][] some = Arrays.copyOfRange(matrix, k, Math.min(n, k + DEPTH));
        for (int r = 0; r < left.length; r++) {
          subtract(products[r], left[r], k, some, j, Math.min(n, j + WIDTH));
        }
      }
    }
    double sum = 0;
    for (int r = 0; r < left.length; r++) {
      sum -= dot(products[r], right[r], 0, n);
    }
    return sum;
  }
}
