package io.github.dl4jpruning.reconstruct;

/**
 * The upper triangular factor U of an inverse, H⁻¹ = Uᵀ·U. Its row i, from the diagonal on, is a
 * multiple of the first row of the inverse of H without the rows and columns before i: what a
 * change of weight i asks of the weights behind it.
 */
final class InverseFactor {

  private final double[] upper;
  private final int n;

  private InverseFactor(double[] upper, int n) {
    this.upper = upper;
    this.n = n;
  }

  /**
   * Factors the inverse of a matrix.
   *
   * @param matrix H, n×n, row by row; not changed
   * @throws SingularMatrixException if it is not positive definite
   */
  static InverseFactor of(double[] matrix, int n) {
    // With the order reversed H = L·Lᵀ, so that U is L⁻¹ with its order reversed.
    double[] reversed = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      reversed[i] = matrix[n * n - 1 - i];
    }
    double[] upper = Cholesky.inPlace(reversed, n).inverseOfFactor();
    for (int i = 0, j = n * n - 1; i < j; i++, j--) {
      double moved = upper[i];
      upper[i] = upper[j];
      upper[j] = moved;
    }
    return new InverseFactor(upper, n);
  }

  double get(int row, int column) {
    return upper[row * n + column];
  }

  /** Adds a multiple of a row, from its diagonal on, to a vector. */
  void addRow(int row, double factor, double[] to, int from) {
    int at = row * n;
    for (int j = row; j < n; j++) {
      to[from + j] += factor * upper[at + j];
    }
  }

  /** Returns the diagonal of the inverse. */
  double[] diagonal() {
    double[] diagonal = new double[n];
    for (int k = 0; k < n; k++) {
      for (int j = k; j < n; j++) {
        double value = upper[k * n + j];
        diagonal[j] += value * value;
      }
    }
    return diagonal;
  }

  /** Returns the inverse, n×n. */
  double[] inverse() {
    double[] inverse = new double[n * n];
    for (int k = 0; k < n; k++) {
      for (int i = k; i < n; i++) {
        double factor = upper[k * n + i];
        for (int j = k; j < n; j++) {
          inverse[i * n + j] += factor * upper[k * n + j];
        }
      }
    }
    return inverse;
  }
}
