package io.github.dl4jpruning.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * The speedup of one thing over another, both timed alternately. A ratio of two times means little
 * without its spread, so it is always shown with it.
 *
 * @param before the median time of the first
 * @param after the median time of the second, in the same unit
 * @param lower the first quartile of the ratios of all pairs
 * @param upper the third quartile of the ratios
 */
public record Speedup(double before, double after, double lower, double upper) {

  /**
   * Compares times that were measured alternately.
   *
   * @param before times of the first
   * @param after the same number of times of the second; times of a pair have the same index
   * @return the medians, and the spread of the ratios
   * @throws IllegalArgumentException if there are none, or the numbers differ
   */
  public static Speedup of(double[] before, double[] after) {
    if (before.length == 0 || before.length != after.length) {
      throw new IllegalArgumentException(
          "expected equally many times before and after, at least one, but found "
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
    // The ratio of the medians is not the ratio of a pair, but should lie within the shown range.
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
   * Returns how many times faster the second is.
   *
   * @return the ratio of the medians; below 1 if it is slower
   */
  public double ratio() {
    return before / after;
  }

  /**
   * Returns whether there is a measurable difference.
   *
   * @return false if the spread of the ratios contains 1
   */
  public boolean isDifference() {
    return lower > 1.0 || upper < 1.0;
  }

  /**
   * Returns text such as {@code 1.52× (1.40 to 1.60)}, or {@code no difference measured (0.94 to
   * 1.07)}.
   */
  @Override
  public String toString() {
    return isDifference()
        ? String.format(Locale.ROOT, "%.2f× (%.2f to %.2f)", ratio(), lower, upper)
        : String.format(Locale.ROOT, "no difference measured (%.2f to %.2f)", lower, upper);
  }
}
