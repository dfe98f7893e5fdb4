package io.github.dl4jpruning.rounds;

import java.util.Locale;

/**
 * Decides whether a score is good enough. It may be worse than the dense score by an allowed drop.
 *
 * @param dense the score of the dense network
 * @param minimizes whether a lower score is better
 */
public record ScoreRule(double dense, boolean minimizes) {

  /** Differences of scores like 0.95 − 0.945 have a rounding error. */
  private static final double ROUNDING = 1e-12;

  /**
   * Returns how much worse a score is than the dense score.
   *
   * @param score any score
   * @return the difference; negative if the score is better
   */
  public double drop(double score) {
    return minimizes ? score - dense : dense - score;
  }

  /**
   * Compares two scores.
   *
   * @param score any score
   * @param than another score
   * @return whether the first is better
   */
  public boolean isBetter(double score, double than) {
    return minimizes ? score < than : score > than;
  }

  /**
   * Returns whether a score is good enough.
   *
   * @param score any score
   * @param maxDrop how much worse it may be, 0 or more
   * @return true if it is; false for NaN
   */
  public boolean accepts(double score, double maxDrop) {
    return drop(score) <= maxDrop + ROUNDING;
  }

  /**
   * Describes a score.
   *
   * @param score any score
   * @return for instance {@code score 0.961, 0.004 worse than that of the dense network}
   */
  public String describe(double score) {
    double drop = drop(score);
    return String.format(
        Locale.ROOT,
        "score %.6g, %.4g %s than that of the dense network",
        score,
        Math.abs(drop),
        drop > 0.0 ? "worse" : "better");
  }
}
