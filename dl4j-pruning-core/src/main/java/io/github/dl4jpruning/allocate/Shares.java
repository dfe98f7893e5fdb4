package io.github.dl4jpruning.allocate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The arithmetic of sharing out a total within bounds. */
final class Shares {

  private Shares() {}

  /**
   * The weights that are to be removed in all, a whole number: round-half-up, but each tensor keeps
   * one unit.
   */
  static double total(List<Contender> tensors, double sparsity) {
    long weights = tensors.stream().mapToLong(Contender::weights).sum();
    long units = tensors.stream().mapToLong(tensor -> tensor.tensor().lastUnit()).sum();
    return SparsityDistribution.removed(weights, sparsity, units);
  }

  /**
   * Checks that floors and the pattern leave room for a total.
   *
   * @throws IllegalArgumentException if not; it says by how much and what is in the way
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
   * Shares in proportion to weights, within bounds: x_i = clamp(c·w_i, least_i, most_i) with c such
   * that they add up to the total.
   *
   * @param weights w, each above 0
   * @param least lower bounds
   * @param most upper bounds
   * @param total within the sums of the bounds
   * @return x, real numbers
   */
  static double[] share(double[] weights, long[] least, long[] most, double total) {
    double low = 0.0;
    double high = 1.0;
    for (int i = 0; i < weights.length; i++) {
      high = Math.max(high, most[i] / weights[i]);
    }
    // Halving an interval of doubles ends: then c is as near as doubles come.
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
   * Whole numbers near given shares that add up to the rounded total: all are rounded down, and
   * what is missing goes to those that lost most. Of equals the first by name, so that the order of
   * the layers does not matter.
   *
   * @param tensors whose shares they are
   * @param shares real numbers within the bounds
   * @param least lower bounds
   * @param most upper bounds
   * @param total what they add up to, up to rounding
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
                // Rounded, since the last bits depend on the order of the sum.
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
