package io.github.dl4jpruning.schedule;

import java.util.Locale;

/**
 * The shapes of a schedule that rises from 0 to a final sparsity, by the names that a person types.
 */
public enum Shape {
  /** Power 3: fast at first, slow at the end. */
  POLYNOMIAL((sparsity, begin, end) -> SparsitySchedules.polynomial(0.0, sparsity, begin, end)),
  /** The same number of weights in each update. */
  LINEAR((sparsity, begin, end) -> SparsitySchedules.linear(0.0, sparsity, begin, end)),
  /** The same fraction of what is left in each update. */
  EXPONENTIAL((sparsity, begin, end) -> SparsitySchedules.exponential(0.0, sparsity, begin, end)),
  /** Half a cosine. */
  COSINE((sparsity, begin, end) -> SparsitySchedules.cosine(0.0, sparsity, begin, end)),
  /** Slow, fast, slow. */
  ONE_CYCLE((sparsity, begin, end) -> SparsitySchedules.oneCycle(0.0, sparsity, begin, end)),
  /** All in one update, at the beginning of the others. */
  ONE_SHOT((sparsity, begin, end) -> SparsitySchedules.oneShot(sparsity, begin)),
  /** The final sparsity from the first iteration on. */
  CONSTANT((sparsity, begin, end) -> SparsitySchedules.constant(sparsity));

  /** Makes a schedule. */
  private interface Maker {
    SparsitySchedule make(double sparsity, int begin, int end);
  }

  private final Maker maker;

  Shape(Maker maker) {
    this.maker = maker;
  }

  /**
   * Makes a schedule of this shape, by iterations.
   *
   * @param finalSparsity where it ends, in [0, 1)
   * @param begin the first iteration of the movement; unused by {@link #CONSTANT}
   * @param end the iteration at which the final sparsity is reached; unused by {@link #ONE_SHOT}
   *     and {@link #CONSTANT}
   * @return the schedule
   * @throws IllegalArgumentException if a value is out of range
   */
  public SparsitySchedule schedule(double finalSparsity, int begin, int end) {
    return maker.make(finalSparsity, begin, end);
  }

  /**
   * Whether the whole movement is one update.
   *
   * @return true for {@link #ONE_SHOT} and {@link #CONSTANT}
   */
  public boolean isSudden() {
    return this == ONE_SHOT || this == CONSTANT;
  }

  /** The name as an option of the command line, for instance {@code one-cycle}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
