package io.github.dl4jpruning.reconstruct;

/**
 * The moments of what a layer reads now, x, and of what it read before other layers were pruned, z.
 * The layer is to give what it gave before: w·z.
 *
 * @param now the moments of x
 * @param before the moments of z
 * @param cross E[x·zᵀ], n×n, row by row; centred as the others
 * @param unchanged whether x and z are the same
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
public record PairedMoments(
    SecondMoments now, SecondMoments before, double[] cross, boolean unchanged) {

  /**
   * Returns the moments of a layer whose inputs have not changed.
   *
   * @param moments the moments of its inputs
   * @return the same for x and z
   */
  public static PairedMoments same(SecondMoments moments) {
    return new PairedMoments(moments, moments, moments.matrix(), true);
  }

  /**
   * Makes moments from sums.
   *
   * @param now the moments of x
   * @param before the moments of z
   * @param products Σ x·zᵀ, n×n; overwritten
   * @param samples the number of samples, at least 1
   * @return the moments
   */
  public static PairedMoments of(
      SecondMoments now, SecondMoments before, double[] products, long samples) {
    int n = now.size();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        products[i * n + j] = products[i * n + j] / samples - now.means()[i] * before.means()[j];
      }
    }
    return new PairedMoments(now, before, products, false);
  }

  /**
   * Returns the variance of what a row gave before.
   *
   * @param row w
   * @return E[(w·z)²], centred if the moments are
   */
  public double energy(double[] row) {
    return before.cost(row);
  }

  /**
   * Returns the mean squared error of other weights.
   *
   * @param row w
   * @param other v
   * @return E[(v·x − w·z)²], centred if the moments are
   */
  public double error(double[] row, double[] other) {
    double shared = 0;
    for (int i = 0; i < other.length; i++) {
      if (other[i] != 0) {
        shared += other[i] * target(i, row);
      }
    }
    return Math.max(0, now.cost(other) - 2 * shared + before.cost(row));
  }

  /** Returns E[x·(w·z)] of an input. */
  double target(int input, double[] row) {
    return Cholesky.dot(cross, input * now.size(), row, 0, now.size());
  }
}
