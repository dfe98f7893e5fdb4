package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.examples.network.Models;
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
   */
  public record Pair(Latency before, Latency after) {
    /**
     * How much faster the other is.
     *
     * @return the ratio of the medians
     */
    public double speedup() {
      return before.median / after.median;
    }
  }

  /**
   * Measures two networks by turns, so that whatever else the machine does hits both.
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
      first[Math.max(0, i)] = millis(before, input);
      second[Math.max(0, i)] = millis(after, input);
    }
    return new Pair(of(first), of(second));
  }

  private static double millis(Model network, INDArray input) {
    long start = System.nanoTime();
    Models.output(network, input);
    return (System.nanoTime() - start) / 1e6;
  }

  private static Latency of(double[] times) {
    Arrays.sort(times);
    int n = times.length;
    return new Latency(times[n / 2], times[n / 4], times[3 * n / 4]);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f ms (%.2f–%.2f)", median, lower, upper);
  }
}
