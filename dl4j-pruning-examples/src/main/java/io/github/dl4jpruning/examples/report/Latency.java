package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.examples.network.Models;
import io.github.dl4jpruning.report.Speedup;
import java.util.Arrays;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The time that {@code output()} takes, in milliseconds: the median and the interquartile range.
 *
 * @param median the median
 * @param lower the first quartile
 * @param upper the third quartile
 */
public record Latency(double median, double lower, double upper) {

  private static final int WARM_UP = 20;
  private static final int MEASURED = 101;

  /**
   * The latencies of two networks on the same input.
   *
   * @param before the first network's
   * @param after the second network's
   * @param speedup how much faster the second network is, with the spread
   */
  public record Pair(Latency before, Latency after, Speedup speedup) {}

  /**
   * Measures two networks in turn, so that other load on the machine hits both. Each goes first in
   * every other turn.
   *
   * @param before the first network
   * @param after the second network
   * @param input the input of both
   * @return the latencies
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
