package io.github.dl4jpruning.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * How much faster one thing is than another, both timed by turns. A ratio of two times is worth
 * little without its spread, so it is never shown without.
 *
 * @param before the median time of the one
 * @param after the median time of the other, in the same unit
 * @param lower the first quartile of the ratios of all turns
 * @param upper their third quartile
 */
public record Speedup(double before, double after, double lower, double upper) {

  /**
   * Compares times that were measured by turns.
   *
   * @param before times of the one
   * @param after times of the other, as many; those of a turn have the same position
   * @return the medians, and the spread of the ratios
   * @throws IllegalArgumentException if there are none, or not as many of both
   */
  public static Speedup of(double[] before, double[] after) {
    if (before.length == 0 || before.length != after.length) {
      throw new IllegalArgumentException(
          "expected as many times before as after, and one or more, but found "
              + before.length
              + " and "
              + after.length);
    }
    double[] ratios = new double[before.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = before[i] / after[i];
    }
    double one = quantile(before, 0.5);
    double other = quantile(after, 0.5);
    // The ratio of the medians is no ratio of a turn, and is to lie within what is shown.
    return new Speedup(
        one,
        other,
        Math.min(one / other, quantile(ratios, 0.25)),
        Math.max(one / other, quantile(ratios, 0.75)));
  }

  private static double quantile(double[] values, double part) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (part * sorted.length)];
  }

  /**
   * How many times faster the other is.
   *
   * @return the ratio of the medians; below 1 if it is slower
   */
  public double ratio() {
    return before / after;
  }

  /**
   * Whether there is a difference at all.
   *
   * @return false if the spread of the ratios contains 1
   */
  public boolean isDifference() {
    return lower > 1.0 || upper < 1.0;
  }

  /**
   * For instance {@code 1.52× (1.40 to 1.60)}, or {@code no difference measured (0.94 to 1.07)}.
   */
  @Override
  public String toString() {
    return isDifference()
        ? String.format(Locale.ROOT, "%.2f× (%.2f to %.2f)", ratio(), lower, upper)
        : String.format(Locale.ROOT, "no difference measured (%.2f to %.2f)", lower, upper);
  }
}
