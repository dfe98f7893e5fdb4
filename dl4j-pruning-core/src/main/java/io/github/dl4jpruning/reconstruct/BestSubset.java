package io.github.dl4jpruning.reconstruct;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Chooses the weights of small rows by trying all masks: no other choice of the same number of
 * weights, corrected by {@link Compensation}, has a smaller error.
 *
 * <p>How many weights each row loses is decided by dynamic programming over the rows.
 */
public final class BestSubset {

  /** Rows of more weights have too many masks. */
  public static final int MOST_INPUTS = 12;

  /** Operations that the search may take; about five seconds on two cores. */
  private static final double MOST_WORK = 1e10;

  /** Bytes for the choices of the rows. */
  private static final double MOST_CHOICES = 1e8;

  private BestSubset() {}

  /** The least error of a row for each number of removed weights, and the masks that give it. */
  @SuppressWarnings("ArrayRecordComponent") // used at once
  private record Best(double[] errors, int[] kept) {}

  /**
   * Chooses which weights stay.
   *
   * @param rows the weights, a row for each output
   * @param moments the moments of the inputs, now and before
   * @param damping as for the correction
   * @param removed how many weights go, of all rows together
   * @return true for the weights that stay; empty if there are too many weights to try all masks
   * @throws SingularMatrixException if the moments of some inputs cannot be inverted
   */
  public static Optional<boolean[][]> of(
      double[][] rows, PairedMoments moments, double damping, int removed) {
    int n = moments.now().size();
    double search = rows.length * Math.pow(2, n) * (n + 4) * (n + 4) * (n + 4) / 3;
    double choices = (double) rows.length * removed;
    if (n > MOST_INPUTS || search + choices * n > MOST_WORK || choices > MOST_CHOICES) {
      return Optional.empty();
    }
    SecondMoments damped = moments.now().damped(damping);
    Best[] best = new Best[rows.length];
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(r -> best[r] = best(rows[r], moments, damped));
    int[] masks = shared(best, removed, n);
    boolean[][] kept = new boolean[rows.length][n];
    for (int r = 0; r < rows.length; r++) {
      for (int i = 0; i < n; i++) {
        kept[r][i] = (masks[r] >> i & 1) == 1;
      }
    }
    return Optional.of(kept);
  }

  private static Best best(double[] row, PairedMoments moments, SecondMoments damped) {
    int n = row.length;
    double[] errors = new double[n + 1];
    Arrays.fill(errors, Double.POSITIVE_INFINITY);
    int[] kept = new int[n + 1];
    double[][] rows = {row};
    for (int mask = 0; mask < 1 << n; mask++) {
      int bits = mask;
      int[] stay = IntStream.range(0, n).filter(i -> (bits >> i & 1) == 1).toArray();
      double[][] corrected = {Compensation.solve(row, stay, moments, damped)};
      double error = moments.error(rows, corrected);
      if (error < errors[n - stay.length]) {
        errors[n - stay.length] = error;
        kept[n - stay.length] = mask;
      }
    }
    return new Best(errors, kept);
  }

  /** Returns the mask of each row, so that the sum of errors is least. */
  private static int[] shared(Best[] best, int removed, int n) {
    double[] sums = new double[removed + 1];
    Arrays.fill(sums, 1, removed + 1, Double.POSITIVE_INFINITY);
    byte[][] choices = new byte[best.length][removed + 1];
    for (int r = 0; r < best.length; r++) {
      double[] next = new double[removed + 1];
      for (int total = 0; total <= removed; total++) {
        next[total] = Double.POSITIVE_INFINITY;
        for (int own = 0; own <= Math.min(n, total); own++) {
          double sum = sums[total - own] + best[r].errors()[own];
          if (sum < next[total]) {
            next[total] = sum;
            choices[r][total] = (byte) own;
          }
        }
      }
      sums = next;
    }
    int[] masks = new int[best.length];
    int left = removed;
    for (int r = best.length - 1; r >= 0; r--) {
      int own = choices[r][left];
      masks[r] = best[r].kept()[own];
      left -= own;
    }
    return masks;
  }
}
