package io.github.dl4jpruning.examples.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * Mean and standard deviation of a figure over several runs.
 *
 * @param mean the mean
 * @param deviation the standard deviation of the sample (n − 1); 0 for a single run
 */
public record Spread(double mean, double deviation) {

  /**
   * Computes the mean and the standard deviation.
   *
   * @param values one value per run, at least one
   * @return both
   */
  public static Spread of(double... values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(mean, values.length < 2 ? 0.0 : Math.sqrt(squares / (values.length - 1)));
  }

  /**
   * Returns the text for a table.
   *
   * @return both in percent, for instance {@code 96.70 ± 0.21}
   */
  public String percent() {
    return String.format(Locale.ROOT, "%.2f ± %.2f", 100 * mean, 100 * deviation);
  }
}
