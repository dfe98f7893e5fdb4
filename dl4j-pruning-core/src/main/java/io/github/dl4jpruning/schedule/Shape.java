package io.github.dl4jpruning.schedule;

import java.util.Locale;

/** The shapes of a schedule that rises from 0 to a final sparsity, by the names that users type. */
public enum Shape {
  /** Power 3: fast at first, slow at the end. */
  POLYNOMIAL,
  /** Each update removes the same number of weights. */
  LINEAR,
  /** Each update removes the same fraction of the remaining weights. */
  EXPONENTIAL,
  /** Half a cosine. */
  COSINE,
  /** Slow, fast, slow. */
  ONE_CYCLE,
  /** All in one update, where the other shapes begin. */
  ONE_SHOT,
  /** The final sparsity from the first iteration on. */
  CONSTANT;

  /**
   * Returns a schedule of this shape, by iterations.
   *
   * @param finalSparsity the final sparsity, in [0, 1)
   * @param begin the first iteration of the ramp; unused by {@link #CONSTANT}
   * @param end the iteration from which the final sparsity holds; unused by {@link #ONE_SHOT} and
   *     {@link #CONSTANT}
   * @return the schedule
   * @throws IllegalArgumentException if a value is out of range
   */
  public SparsitySchedule schedule(double finalSparsity, int begin, int end) {
    return switch (this) {
      case POLYNOMIAL -> SparsitySchedules.polynomial(0.0, finalSparsity, begin, end);
      case LINEAR -> SparsitySchedules.linear(0.0, finalSparsity, begin, end);
      case EXPONENTIAL -> SparsitySchedules.exponential(0.0, finalSparsity, begin, end);
      case COSINE -> SparsitySchedules.cosine(0.0, finalSparsity, begin, end);
      case ONE_CYCLE -> SparsitySchedules.oneCycle(0.0, finalSparsity, begin, end);
      case ONE_SHOT -> SparsitySchedules.oneShot(finalSparsity, begin);
      case CONSTANT -> SparsitySchedules.constant(finalSparsity);
    };
  }

  /**
   * Returns whether a single update does everything.
   *
   * @return true for {@link #ONE_SHOT} and {@link #CONSTANT}
   */
  public boolean isSudden() {
    return this == ONE_SHOT || this == CONSTANT;
  }

  /** Returns the name as a command-line option, for instance {@code one-cycle}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
