package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One step: sparsity 0 before a point in training, and the full sparsity from that point on.
 *
 * @param scheduleType whether {@code at} counts iterations or epochs
 * @param sparsity sparsity from {@code at} on, in [0, 1)
 * @param at iteration or epoch of the step, 0-based; 0 makes the sparsity constant
 */
public record OneShotSchedule(
    @JsonProperty("scheduleType") ScheduleType scheduleType,
    @JsonProperty("sparsity") double sparsity,
    @JsonProperty("at") int at)
    implements SparsitySchedule {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if {@code sparsity} is outside [0, 1) or {@code at} is
   *     negative
   */
  @JsonCreator
  public OneShotSchedule {
    Ramp.checkType(scheduleType);
    Sparsity.check(sparsity, "sparsity");
    if (at < 0) {
      throw new IllegalArgumentException("at must be 0 or more, but is " + at);
    }
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    return (scheduleType == ScheduleType.ITERATION ? iteration : epoch) >= at ? sparsity : 0.0;
  }

  @Override
  public double peak() {
    return sparsity;
  }

  @Override
  public boolean falls() {
    return false;
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public OneShotSchedule clone() {
    return this; // immutable
  }
}
