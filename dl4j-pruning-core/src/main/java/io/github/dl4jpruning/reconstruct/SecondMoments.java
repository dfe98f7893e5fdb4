package io.github.dl4jpruning.reconstruct;

/**
 * The second moments of the inputs of a linear layer.
 *
 * @param size the number n of inputs
 * @param matrix H, n×n, row by row: E[x·xᵀ], or E[(x − μ)·(x − μ)ᵀ] if the layer has a bias
 * @param means μ; zeros if the moments are not centred
 * @param raw E[x²] of each input, centred or not
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
public record SecondMoments(int size, double[] matrix, double[] means, double[] raw) {

  /**
   * Makes moments from sums.
   *
   * @param size the number n of inputs
   * @param products Σ x·xᵀ, n×n; overwritten
   * @param sums Σ x
   * @param samples the number of samples, at least 1
   * @param centred whether a bias of the layer takes up the mean
   * @return the moments
   */
  public static SecondMoments of(
      int size, double[] products, double[] sums, long samples, boolean centred) {
    double[] means = new double[size];
    double[] raw = new double[size];
    for (int i = 0; i < size; i++) {
      means[i] = centred ? sums[i] / samples : 0;
      raw[i] = products[i * size + i] / samples;
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        products[i * size + j] = products[i * size + j] / samples - means[i] * means[j];
      }
    }
    return new SecondMoments(size, products, means, raw);
  }

  /**
   * Returns moments whose diagonal is larger: corrections of weights then stay small where the
   * samples do not ask for them.
   *
   * @param part the addition, as a part of the mean of the diagonal; inputs that never change get a
   *     diagonal of that mean, so that their weights cost least and are not changed
   * @return new moments; these if the part is 0
   */
  public SecondMoments damped(double part) {
    if (part == 0) {
      return this;
    }
    double mean = 0;
    for (int i = 0; i < size; i++) {
      mean += matrix[i * size + i] / size;
    }
    double[] higher = matrix.clone();
    for (int i = 0; i < size; i++) {
      higher[i * size + i] += mean > 0 ? part * mean : 1;
    }
    return new SecondMoments(size, higher, means, raw);
  }

  /**
   * Returns how much a change of weights costs.
   *
   * @param change v − w
   * @return changeᵀ·H·change, the mean squared error of the output
   */
  public double cost(double[] change) {
    double cost = 0;
    for (int i = 0; i < size; i++) {
      if (change[i] != 0) {
        cost += change[i] * Cholesky.dot(matrix, i * size, change, 0, size);
      }
    }
    return Math.max(0, cost);
  }

  /** Returns the moments of some inputs only. */
  double[] block(int[] inputs) {
    int k = inputs.length;
    double[] block = new double[k * k];
    for (int i = 0; i < k; i++) {
      int row = inputs[i] * size;
      for (int j = 0; j <= i; j++) {
        block[i * k + j] = matrix[row + inputs[j]];
      }
    }
    return block;
  }
}
