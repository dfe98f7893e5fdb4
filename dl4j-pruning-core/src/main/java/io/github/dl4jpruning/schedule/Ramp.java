package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;

/** Schedules that move once, from one sparsity to another. */
sealed interface Ramp extends SparsitySchedule
    permits PolynomialSchedule,
        ExponentialSchedule,
        CosineSchedule,
        OneCycleSchedule,
        StepwiseSchedule {

  ScheduleType scheduleType();

  double from();

  double to();

  int begin();

  int end();

  /**
   * The sparsity inside the movement.
   *
   * @param p how much of the movement is done, from 0 to below 1
   * @return the sparsity there
   */
  double between(double p);

  /** Whether the movement begins with a step, and is not at {@code from} any more at its begin. */
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
