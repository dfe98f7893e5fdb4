package io.github.dl4jpruning.allocate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Arithmetic for dividing a total within bounds. */
final class Shares {

  private Shares() {}

  /**
   * Returns the total number of weights to remove, rounded half up, such that each tensor keeps one
   * unit.
   */
  static double total(List<Contender> tensors, double sparsity) {
    long weights = tensors.stream().mapToLong(Contender::weights).sum();
    long units = tensors.stream().mapToLong(tensor -> tensor.tensor().lastUnit()).sum();
    return SparsityDistribution.removed(weights, sparsity, units);
  }

  /**
   * Checks that floors and the pattern leave room for a total.
   *
   * @throws IllegalArgumentException if not; the message names the shortfall and its cause
   */
  static void checkFits(List<Contender> tensors, double total) {
    long most = tensors.stream().mapToLong(Contender::mostRemoved).sum();
    if (total > most) {
      List<String> kept =
          tensors.stream()
              .filter(
                  tensor -> tensor.weights() - tensor.mostRemoved() > tensor.tensor().lastUnit())
              .map(
                  t ->
                      t.parameter().name()
                          + " "
                          + (t.weights() - t.mostRemoved())
                          + " of "
                          + t.weights())
              .toList();
      throw new IllegalArgumentException(
          "cannot remove "
              + Math.round(total)
              + " weights: at most "
              + most
              + " may go, "
              + (Math.round(total) - most)
              + " fewer; floors and the pattern keep "
              + String.join(", ", kept));
    }
  }

  /**
   * Divides a total in proportion to weights, within bounds: x_i = clamp(c·w_i, least_i, most_i),
   * with c such that the x_i add up to the total.
   *
   * @param weights w, each above 0
   * @param least lower bounds
   * @param most upper bounds
   * @param total the total, within the sums of the bounds
   * @return x, real numbers
   */
  static double[] share(double[] weights, long[] least, long[] most, double total) {
    double low = 0.0;
    double high = 1.0;
    for (int i = 0; i < weights.length; i++) {
      high = Math.max(high, most[i] / weights[i]);
    }
    // Bisection of doubles terminates, with c as exact as a double can be.
    for (double middle = high / 2; middle > low && middle < high; middle = low + (high - low) / 2) {
      if (sum(clamped(weights, least, most, middle)) < total) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return clamped(weights, least, most, high);
  }

  private static double[] clamped(double[] weights, long[] least, long[] most, double c) {
    double[] shares = new double[weights.length];
    Arrays.setAll(
        shares, i -> Math.max((double) least[i], Math.min((double) most[i], c * weights[i])));
    return shares;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  /**
   * Rounds shares to whole numbers that add up to the rounded total: all shares are rounded down,
   * and the missing weights go to the shares that lost most. Ties go to the first name, so that the
   * order of the layers does not matter.
   *
   * @param tensors the tensors of the shares
   * @param shares real numbers within the bounds
   * @param least lower bounds
   * @param most upper bounds
   * @param total the sum of the shares, up to rounding
   * @return whole numbers within the bounds
   */
  static double[] whole(
      List<Contender> tensors, double[] shares, long[] least, long[] most, double total) {
    double[] whole = new double[shares.length];
    Arrays.setAll(whole, i -> Math.max((double) least[i], Math.floor(shares[i] + 1e-9)));
    long missing = Math.round(total) - Math.round(sum(whole));
    List<Integer> byLoss =
        IntStream.range(0, shares.length)
            .boxed()
            .sorted(
                // Rounded, because the last bits depend on the order of summation.
                Comparator.comparingLong((Integer i) -> Math.round(1e6 * (whole[i] - shares[i])))
                    .thenComparing(i -> tensors.get(i).parameter().name()))
            .toList();
    for (int round = 0; missing != 0 && round < 2 + Math.abs(missing); round++) {
      for (int i : byLoss) {
        if (missing > 0 && whole[i] < most[i]) {
          whole[i]++;
          missing--;
        } else if (missing < 0 && whole[i] > least[i]) {
          whole[i]--;
          missing++;
        }
      }
    }
    return whole;
  }
}
