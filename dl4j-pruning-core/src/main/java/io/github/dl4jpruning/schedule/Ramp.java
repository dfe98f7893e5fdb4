package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;

/** A schedule that moves once, from one sparsity to another. */
public interface Ramp extends SparsitySchedule {

  /**
   * What {@link #begin} and {@link #end} count.
   *
   * @return iterations or epochs
   */
  ScheduleType scheduleType();

  /**
   * The sparsity before the movement.
   *
   * @return a sparsity in [0, 1)
   */
  double from();

  /**
   * The sparsity after the movement.
   *
   * @return a sparsity in [0, 1)
   */
  double to();

  /**
   * Where the movement begins.
   *
   * @return an iteration or an epoch, 0-based
   */
  int begin();

  /**
   * Where {@link #to} is reached.
   *
   * @return an iteration or an epoch, at least {@link #begin}
   */
  int end();

  /**
   * The sparsity inside the movement.
   *
   * @param p how much of the movement is done, from 0 to below 1
   * @return the sparsity there
   */
  double between(double p);

  /**
   * Whether the movement begins with a step, and is not at {@code from} any more at its begin.
   *
   * @return true if so
   */
  default boolean jumpsAtBegin() {
    return false;
  }

  @Override
  default double valueAt(int iteration, int epoch) {
    int t = scheduleType() == ScheduleType.ITERATION ? iteration : epoch;
    // The ends are returned as given: a formula would round them.
    if (t >= end()) {
      return to();
    }
    if (t < begin() || (t == begin() && !jumpsAtBegin())) {
      return from();
    }
    double value = between((t - (double) begin()) / ((double) end() - begin()));
    // Rounding must not carry it past an end.
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
