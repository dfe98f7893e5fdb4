package io.github.dl4jpruning.benchmarks;

import java.util.Arrays;

/** Times two actions alternately, and compares them by their medians. */
final class Pairs {

  private final double[] first;
  private final double[] second;

  private Pairs(int pairs) {
    this.first = new double[pairs];
    this.second = new double[pairs];
  }

  /** Runs both actions {@code pairs} times, in alternating order. */
  static Pairs measure(int pairs, Runnable one, Runnable other) {
    Pairs result = new Pairs(pairs);
    for (int i = 0; i < pairs; i++) {
      if (i % 2 == 0) {
        result.first[i] = micros(one);
        result.second[i] = micros(other);
      } else {
        result.second[i] = micros(other);
        result.first[i] = micros(one);
      }
    }
    return result;
  }

  private static double micros(Runnable action) {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1e3;
  }

  double firstMedian() {
    return median(first);
  }

  double secondMedian() {
    return median(second);
  }

  /** Returns the median of second − first over the pairs, which is independent of machine drift. */
  double medianDifference() {
    double[] differences = new double[first.length];
    for (int i = 0; i < first.length; i++) {
      differences[i] = second[i] - first[i];
    }
    return median(differences);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
