package io.github.dl4jpruning.reconstruct;

import java.util.Arrays;

/**
 * The second moments of the inputs of a linear layer.
 *
 * @param size the number n of inputs
 * @param matrix H, n×n: E[x·xᵀ], or E[(x − μ)·(x − μ)ᵀ] if the layer has a bias
 * @param means μ; zeros if the moments are not centred
 * @param raw E[x²] of each input, centred or not
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
public record SecondMoments(int size, double[][] matrix, double[] means, double[] raw) {

  /**
   * Makes moments from sums.
   *
   * @param products Σ x·xᵀ, n×n; overwritten
   * @param sums Σ x
   * @param samples the number of samples, at least 1
   * @param centred whether a bias of the layer takes up the mean
   * @return the moments
   */
  public static SecondMoments of(
      double[][] products, double[] sums, long samples, boolean centred) {
    int size = products.length;
    double[] means = new double[size];
    double[] raw = new double[size];
    for (int i = 0; i < size; i++) {
      means[i] = centred ? sums[i] / samples : 0;
      raw[i] = products[i][i] / samples;
    }
    centre(products, means, means, samples);
    return new SecondMoments(size, products, means, raw);
  }

  /** Turns sums of products into moments. */
  static void centre(double[][] products, double[] rowMeans, double[] columnMeans, long samples) {
    for (int i = 0; i < products.length; i++) {
      for (int j = 0; j < products.length; j++) {
        products[i][j] = products[i][j] / samples - rowMeans[i] * columnMeans[j];
      }
    }
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
    return part == 0 ? this : new SecondMoments(size, dampedMatrix(part), means, raw);
  }

  /** Returns a copy of the matrix with a larger diagonal; see {@link #damped}. */
  double[][] dampedMatrix(double part) {
    double[][] copy = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    if (part != 0) {
      double mean = 0;
      for (int i = 0; i < size; i++) {
        mean += matrix[i][i] / size;
      }
      for (int i = 0; i < size; i++) {
        copy[i][i] += mean > 0 ? part * mean : 1;
      }
    }
    return copy;
  }

  /**
   * Returns how much changes of weights cost.
   *
   * @param changes v − w, a row for each output
   * @return Σ change·H·changeᵀ, the mean squared error of the outputs
   */
  public double cost(double[][] changes) {
    return Math.max(0, Products.bilinear(changes, matrix, changes));
  }

  /** Returns the moments of some inputs only; the lower triangle. */
  double[][] block(int[] inputs) {
    double[][] block = new double[inputs.length][inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      double[] row = matrix[inputs[i]];
      for (int j = 0; j <= i; j++) {
        block[i][j] = row[inputs[j]];
      }
    }
    return block;
  }
}
