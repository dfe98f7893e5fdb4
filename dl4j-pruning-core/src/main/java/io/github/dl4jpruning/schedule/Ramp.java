package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;

/** A schedule with a single ramp from one sparsity to another. */
public interface Ramp extends SparsitySchedule {

  /**
   * Returns the unit of {@link #begin} and {@link #end}.
   *
   * @return iterations or epochs
   */
  ScheduleType scheduleType();

  /**
   * Returns the sparsity before the ramp.
   *
   * @return a sparsity in [0, 1)
   */
  double from();

  /**
   * Returns the sparsity after the ramp.
   *
   * @return a sparsity in [0, 1)
   */
  double to();

  /**
   * Returns where the ramp begins.
   *
   * @return an iteration or an epoch, 0-based
   */
  int begin();

  /**
   * Returns the point from which {@link #to} holds.
   *
   * @return an iteration or an epoch, at least {@link #begin}
   */
  int end();

  /**
   * Returns the sparsity inside the ramp.
   *
   * @param p the completed share of the ramp, from 0 to below 1
   * @return the sparsity at p
   */
  double between(double p);

  /**
   * Returns whether the ramp starts with a step, so that the sparsity at {@code begin} is no longer
   * {@code from}.
   *
   * @return true if it does
   */
  default boolean jumpsAtBegin() {
    return false;
  }

  @Override
  default double valueAt(int iteration, int epoch) {
    int t = scheduleType() == ScheduleType.ITERATION ? iteration : epoch;
    // The end values are returned exactly; a formula would round them.
    if (t >= end()) {
      return to();
    }
    if (t < begin() || (t == begin() && !jumpsAtBegin())) {
      return from();
    }
    double value = between((t - (double) begin()) / ((double) end() - begin()));
    // Rounding must not carry the value past an end.
    return Math.max(Math.min(from(), to()), Math.min(Math.max(from(), to()), value));
  }

  @Override
  default double peak() {
    return Math.max(from(), to());
  }

  @Override
  default boolean falls() {
    return to() < from();
  }

  static void check(ScheduleType type, double from, double to, int begin, int end) {
    checkType(type);
    Sparsity.check(from, "from");
    Sparsity.check(to, "to");
    if (begin < 0) {
      throw new IllegalArgumentException("begin must be 0 or more, but is " + begin);
    }
    if (end < begin) {
      throw new IllegalArgumentException(
          "end must not be before begin, but end is " + end + " and begin is " + begin);
    }
  }

  static void checkType(ScheduleType type) {
    if (type == null) {
      throw new IllegalArgumentException("scheduleType must be ITERATION or EPOCH, but is null");
    }
  }
}
