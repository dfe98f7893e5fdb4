package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.report.Speedup;
import java.util.Arrays;
import java.util.Locale;

/**
 * The time that {@code output()} takes, in milliseconds: the median and the interquartile range.
 *
 * @param median the median
 * @param lower the first quartile
 * @param upper the third quartile
 */
record OutputLatency(double median, double lower, double upper) {

  private static final int WARM_UP = 20;
  private static final int MEASURED = 101;

  /**
   * The latencies of two networks on the same input.
   *
   * @param before the first network's
   * @param after the second network's
   * @param speedup how much faster the second network is, with the spread
   */
  record Pair(OutputLatency before, OutputLatency after, Speedup speedup) {}

  /**
   * Measures two networks in turn, so that other load on the machine hits both. Each goes first in
   * every other turn.
   *
   * @param before predicts with the first network
   * @param after predicts with the second network
   * @return the latencies
   */
  static Pair measure(Runnable before, Runnable after) {
    double[] first = new double[MEASURED];
    double[] second = new double[MEASURED];
    for (int i = -WARM_UP; i < MEASURED; i++) {
      int at = Math.max(0, i);
      if (i % 2 == 0) {
        first[at] = millis(before);
        second[at] = millis(after);
      } else {
        second[at] = millis(after);
        first[at] = millis(before);
      }
    }
    return new Pair(of(first), of(second), Speedup.of(first, second));
  }

  private static double millis(Runnable prediction) {
    long start = System.nanoTime();
    prediction.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static OutputLatency of(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return new OutputLatency(sorted[n / 2], sorted[n / 4], sorted[3 * n / 4]);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f ms (%.2f–%.2f)", median, lower, upper);
  }
}
