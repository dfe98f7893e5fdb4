package io.github.dl4jpruning.oneshot;

import io.github.dl4jpruning.reconstruct.Elimination;
import io.github.dl4jpruning.reconstruct.SecondMoments;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Scores weights by the inputs that they read, on a scale that all layers share. */
final class LayerScores {

  private LayerScores() {}

  /**
   * Returns a score for each weight of a layer: what its loss costs, as a part of the output's
   * energy; for a ranking within outputs, the part of the weights of its row that score lower.
   */
  static double[][] of(Ranking ranking, double[][] weights, SecondMoments moments, double damping) {
    return switch (ranking) {
      case RECONSTRUCTION ->
          scaled(Elimination.costs(weights, moments, damping), moments.cost(weights));
      case ACTIVATION -> {
        double[][] products = products(weights, moments);
        yield scaled(products, Arrays.stream(products).flatMapToDouble(Arrays::stream).sum());
      }
      default -> ranks(products(weights, moments));
    };
  }

  private static double[][] products(double[][] weights, SecondMoments moments) {
    double[] raw = moments.raw();
    return Arrays.stream(weights)
        .map(
            row ->
                IntStream.range(0, row.length).mapToDouble(i -> row[i] * row[i] * raw[i]).toArray())
        .toArray(double[][]::new);
  }

  private static double[][] scaled(double[][] scores, double by) {
    if (by > 0) {
      for (double[] row : scores) {
        for (int i = 0; i < row.length; i++) {
          row[i] /= by;
        }
      }
    }
    return scores;
  }

  /** Returns the scores of a parameter that is not reconstructed, on the scale of the ranking. */
  static double[] ofOthers(Ranking ranking, double[] squares) {
    return ranking == Ranking.ACTIVATION_PER_OUTPUT ? ranks(new double[][] {squares})[0] : squares;
  }

  private static double[][] ranks(double[][] scores) {
    double[][] ranks = new double[scores.length][];
    for (int r = 0; r < scores.length; r++) {
      double[] row = scores[r];
      int[] order =
          IntStream.range(0, row.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> row[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      ranks[r] = new double[row.length];
      for (int k = 0; k < order.length; k++) {
        ranks[r][order[k]] = (k + 0.5) / order.length;
      }
    }
    return ranks;
  }
}
