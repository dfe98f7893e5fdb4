package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.examples.network.Models;
import io.github.dl4jpruning.report.Speedup;
import java.util.Arrays;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How long {@code output()} takes, in milliseconds: the median, and between which values the middle
 * half lies.
 *
 * @param median the median
 * @param lower the first quartile
 * @param upper the third quartile
 */
public record Latency(double median, double lower, double upper) {

  private static final int WARM_UP = 20;
  private static final int MEASURED = 101;

  /**
   * Two networks on the same input.
   *
   * @param before one
   * @param after the other
   * @param speedup how much faster the other is, and the spread of that
   */
  public record Pair(Latency before, Latency after, Speedup speedup) {}

  /**
   * Measures two networks by turns, so that whatever else the machine does hits both; and each goes
   * first in every other turn.
   *
   * @param before one
   * @param after the other
   * @param input what both read
   * @return the times
   */
  public static Pair measure(Model before, Model after, INDArray input) {
    double[] first = new double[MEASURED];
    double[] second = new double[MEASURED];
    for (int i = -WARM_UP; i < MEASURED; i++) {
      int at = Math.max(0, i);
      if (i % 2 == 0) {
        first[at] = millis(before, input);
        second[at] = millis(after, input);
      } else {
        second[at] = millis(after, input);
        first[at] = millis(before, input);
      }
    }
    return new Pair(of(first), of(second), Speedup.of(first, second));
  }

  private static double millis(Model network, INDArray input) {
    long start = System.nanoTime();
    Models.output(network, input);
    return (System.nanoTime() - start) / 1e6;
  }

  private static Latency of(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return new Latency(sorted[n / 2], sorted[n / 4], sorted[3 * n / 4]);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f ms (%.2f–%.2f)", median, lower, upper);
  }
}
