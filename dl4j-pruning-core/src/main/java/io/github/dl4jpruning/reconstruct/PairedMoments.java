package io.github.dl4jpruning.reconstruct;

/**
 * The moments of what a layer reads now, x, and of what it read before other layers were pruned, z.
 * The layer is to give what it gave before: w·z.
 *
 * @param now the moments of x
 * @param before the moments of z
 * @param cross E[x·zᵀ], n×n; centred as the others
 * @param unchanged whether x and z are the same
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
public record PairedMoments(
    SecondMoments now, SecondMoments before, double[][] cross, boolean unchanged) {

  /** Rows whose changes are held at once. */
  private static final int CHUNK = 256;

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
      SecondMoments now, SecondMoments before, double[][] products, long samples) {
    SecondMoments.centre(products, now.means(), before.means(), samples);
    return new PairedMoments(now, before, products, false);
  }

  /**
   * Returns the variance of what a layer gave before.
   *
   * @param rows its weights w, a row for each output
   * @return Σ E[(w·z)²], centred if the moments are
   */
  public double energy(double[][] rows) {
    return before.cost(rows);
  }

  /**
   * Returns the mean squared error of other weights.
   *
   * @param rows w
   * @param others v
   * @return Σ E[(v·x − w·z)²], centred if the moments are
   */
  public double error(double[][] rows, double[][] others) {
    if (!unchanged) {
      double shared = Products.bilinear(others, cross, rows);
      return Math.max(0, now.cost(others) - 2 * shared + before.cost(rows));
    }
    double sum = 0;
    for (int from = 0; from < rows.length; from += CHUNK) {
      double[][] changes = changes(rows, others, from, Math.min(rows.length, from + CHUNK));
      sum += now.cost(changes);
    }
    return sum;
  }

  private static double[][] changes(double[][] rows, double[][] others, int from, int to) {
    double[][] changes = new double[to - from][];
    for (int r = from; r < to; r++) {
      double[] change = others[r].clone();
      for (int i = 0; i < change.length; i++) {
        change[i] -= rows[r][i];
      }
      changes[r - from] = change;
    }
    return changes;
  }

  /** Returns E[x·(w·z)] of an input. */
  double target(int input, double[] row) {
    return Products.dot(cross[input], row, 0, row.length);
  }
}
