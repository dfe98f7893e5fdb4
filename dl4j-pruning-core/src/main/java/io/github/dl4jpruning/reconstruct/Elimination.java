package io.github.dl4jpruning.reconstruct;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What it costs to remove each weight of a row if the others make up for it.
 *
 * <p>Source: B. Hassibi and D. Stork, "Second order derivatives for network pruning: Optimal Brain
 * Surgeon", 1992, applied to the rows of a layer: E. Frantar and D. Alistarh, "Optimal Brain
 * Compression", 2022 (arXiv 2208.11580).
 */
public final class Elimination {

  /** Operations that one elimination of all rows may take; about ten seconds on two cores. */
  private static final double MOST_WORK = 2e11;

  private Elimination() {}

  /**
   * Returns the cost of each weight.
   *
   * <p>Up to a certain size, weights are removed one after the other, always the one with the least
   * w²/[H⁻¹]qq, and the others are corrected after each: the cost of a weight is that at its
   * removal, but no less than that of the weights before it in its row. So the weights of a row
   * with the lowest costs are a prefix of the order of removal. In larger layers the cost is that
   * of removing one weight alone.
   *
   * @param rows the weights, a row for each output
   * @param moments the moments of the inputs
   * @return the costs, in the shape of the weights: mean squared errors of the output
   * @throws SingularMatrixException if the moments cannot be inverted
   */
  public static double[][] costs(double[][] rows, SecondMoments moments) {
    int n = moments.size();
    InverseFactor factor = InverseFactor.of(moments.matrix(), n);
    double[][] costs = new double[rows.length][];
    if (rows.length * (double) n * n * n / 3 > MOST_WORK) {
      double[] diagonal = factor.diagonal();
      for (int r = 0; r < rows.length; r++) {
        double[] row = rows[r];
        costs[r] = IntStream.range(0, n).mapToDouble(i -> row[i] * row[i] / diagonal[i]).toArray();
      }
      return costs;
    }
    double[] inverse = factor.inverse();
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(r -> costs[r] = eliminated(rows[r].clone(), inverse.clone(), n));
    return costs;
  }

  /** Removes all weights of a row one by one. The inverse shrinks with the row. */
  private static double[] eliminated(double[] weights, double[] inverse, int n) {
    double[] costs = new double[n];
    int[] left = IntStream.range(0, n).toArray();
    double least = 0;
    for (int count = n; count > 0; count--) {
      int best = 0;
      double lowest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < count; i++) {
        int q = left[i];
        double cost = weights[q] * weights[q] / inverse[q * n + q];
        if (cost < lowest) {
          lowest = cost;
          best = i;
        }
      }
      int q = left[best];
      least = Math.max(least, lowest);
      costs[q] = least;
      left[best] = left[count - 1];
      eliminate(weights, inverse, n, q, Arrays.copyOf(left, count - 1));
    }
    return costs;
  }

  /** Corrects the weights that are left, and takes a row and column out of the inverse. */
  private static void eliminate(double[] weights, double[] inverse, int n, int q, int[] left) {
    double pivot = inverse[q * n + q];
    double error = weights[q] / pivot;
    for (int i : left) {
      double column = inverse[i * n + q];
      weights[i] -= error * column;
      double factor = column / pivot;
      if (factor != 0) {
        for (int j : left) {
          inverse[i * n + j] -= factor * inverse[q * n + j];
        }
      }
    }
  }
}
