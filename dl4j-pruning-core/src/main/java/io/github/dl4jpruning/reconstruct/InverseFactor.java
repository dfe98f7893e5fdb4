package io.github.dl4jpruning.reconstruct;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The upper triangular factor U of an inverse, H⁻¹ = Uᵀ·U. Its row i, from the diagonal on, is a
 * multiple of the first row of the inverse of H without the rows and columns before i: what a
 * change of weight i asks of the weights behind it.
 */
final class InverseFactor {

  private final double[][] upper;

  private InverseFactor(double[][] upper) {
    this.upper = upper;
  }

  /**
   * Factors the inverse of a matrix.
   *
   * @param matrix H; overwritten
   * @throws SingularMatrixException if it is not positive definite
   */
  static InverseFactor inPlace(double[][] matrix) {
    // With the order reversed H = L·Lᵀ, so that U is L⁻¹ with its order reversed.
    reverse(matrix);
    double[][] upper = Cholesky.inPlace(matrix).inverseOfFactor();
    reverse(upper);
    return new InverseFactor(upper);
  }

  private static void reverse(double[][] matrix) {
    int n = matrix.length;
    for (double[] row : matrix) {
      for (int i = 0, j = n - 1; i < j; i++, j--) {
        double moved = row[i];
        row[i] = row[j];
        row[j] = moved;
      }
    }
    for (int i = 0, j = n - 1; i < j; i++, j--) {
      double[] moved = matrix[i];
      matrix[i] = matrix[j];
      matrix[j] = moved;
    }
  }

  /** Returns the rows of U. */
  double[][] rows() {
    return upper;
  }

  /** Returns the diagonal of the inverse. */
  double[] diagonal() {
    double[] diagonal = new double[upper.length];
    for (int k = 0; k < upper.length; k++) {
      double[] row = upper[k];
      for (int j = k; j < row.length; j++) {
        diagonal[j] += row[j] * row[j];
      }
    }
    return diagonal;
  }

  /** Returns the inverse. */
  double[][] inverse() {
    int n = upper.length;
    double[][] inverse = new double[n][n];
    IntStream.range(0, n)
        .parallel()
        .forEach(
            i -> {
              double[] column = IntStream.range(0, i + 1).mapToDouble(k -> -upper[k][i]).toArray();
              double[][] rows = Arrays.copyOf(upper, i + 1);
              Products.subtract(inverse[i], column, 0, rows, 0, n);
            });
    return inverse;
  }
}
