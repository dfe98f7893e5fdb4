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

  /** Operations that one elimination of all rows may take; about half a minute on two cores. */
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
   * @param damping holds corrections back; see {@link SecondMoments#damped}
   * @return the costs, in the shape of the weights: mean squared errors of the output
   * @throws SingularMatrixException if the moments cannot be inverted
   */
  public static double[][] costs(double[][] rows, SecondMoments moments, double damping) {
    int n = moments.size();
    InverseFactor factor = InverseFactor.inPlace(moments.dampedMatrix(damping));
    double[][] costs = new double[rows.length][];
    if (rows.length * (double) n * n * n / 3 > MOST_WORK) {
      double[] diagonal = factor.diagonal();
      for (int r = 0; r < rows.length; r++) {
        double[] row = rows[r];
        costs[r] = IntStream.range(0, n).mapToDouble(i -> row[i] * row[i] / diagonal[i]).toArray();
      }
      return costs;
    }
    double[][] inverse = factor.inverse();
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(r -> costs[r] = new Row(rows[r], inverse).eliminate());
    return costs;
  }

  /**
   * A row whose weights are removed one by one. The inverse is updated once for several removals,
   * and loses their rows and columns.
   */
  private static final class Row {

    /** Removals between two updates of the inverse. */
    private static final int BLOCK = 24;

    private final double[] costs;

    /** The positions that are left, their weights, and the inverse of their moments. */
    private int[] left;

    private double[] weights;
    private double[][] inverse;
    private double least;

    Row(double[] weights, double[][] inverse) {
      this.costs = new double[weights.length];
      this.left = IntStream.range(0, weights.length).toArray();
      this.weights = weights.clone();
      this.inverse = inverse;
    }

    double[] eliminate() {
      while (left.length > 0) {
        int steps = Math.min(BLOCK, left.length);
        double[][] columns = new double[steps][];
        boolean[] gone = new boolean[left.length];
        double[] diagonal = new double[left.length];
        for (int i = 0; i < left.length; i++) {
          diagonal[i] = inverse[i][i];
        }
        for (int step = 0; step < steps; step++) {
          int q = cheapest(diagonal, gone);
          least = Math.max(least, weights[q] * weights[q] / diagonal[q]);
          costs[left[q]] = least;
          columns[step] = column(q, columns, step);
          remove(q, columns[step], diagonal);
          gone[q] = true;
        }
        shrink(gone, columns);
      }
      return costs;
    }

    private int cheapest(double[] diagonal, boolean[] gone) {
      int best = -1;
      double lowest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < gone.length; i++) {
        if (!gone[i]) {
          double cost = weights[i] * weights[i] / diagonal[i];
          if (cost < lowest || best < 0) {
            lowest = cost;
            best = i;
          }
        }
      }
      return best;
    }

    /** Returns a column of the inverse as it is now, over the root of its pivot. */
    private double[] column(int q, double[][] columns, int known) {
      double[] column = inverse[q].clone();
      double[] factors = new double[known];
      for (int s = 0; s < known; s++) {
        factors[s] = columns[s][q];
      }
      Products.subtract(column, factors, 0, Arrays.copyOf(columns, known), 0, column.length);
      double scale = 1 / Math.sqrt(column[q]);
      for (int i = 0; i < column.length; i++) {
        column[i] *= scale;
      }
      return column;
    }

    private void remove(int q, double[] column, double[] diagonal) {
      double error = weights[q] / column[q];
      for (int i = 0; i < column.length; i++) {
        weights[i] -= error * column[i];
        diagonal[i] -= column[i] * column[i];
      }
    }

    private void shrink(boolean[] gone, double[][] columns) {
      int[] stay = IntStream.range(0, left.length).filter(i -> !gone[i]).toArray();
      double[][] smaller = new double[stay.length][stay.length];
      double[] factors = new double[columns.length];
      double[] row = new double[left.length];
      for (int i = 0; i < stay.length; i++) {
        System.arraycopy(inverse[stay[i]], 0, row, 0, row.length);
        for (int s = 0; s < columns.length; s++) {
          factors[s] = columns[s][stay[i]];
        }
        Products.subtract(row, factors, 0, columns, 0, row.length);
        for (int j = 0; j < stay.length; j++) {
          smaller[i][j] = row[stay[j]];
        }
      }
      double[] kept = weights;
      int[] positions = left;
      weights = Arrays.stream(stay).mapToDouble(i -> kept[i]).toArray();
      left = Arrays.stream(stay).map(i -> positions[i]).toArray();
      inverse = smaller;
    }
  }
}
