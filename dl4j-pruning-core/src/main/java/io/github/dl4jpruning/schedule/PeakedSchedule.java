package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Any schedule, together with its highest sparsity. See {@link SparsitySchedules#withPeak}.
 *
 * @param schedule any schedule with values in [0, {@code peak}]
 * @param peak the highest sparsity that it reaches, above 0 and below 1
 * @param falls whether it falls anywhere
 */
public record PeakedSchedule(
    @JsonProperty("schedule") ISchedule schedule,
    @JsonProperty("peak") double peak,
    @JsonProperty("falls") boolean falls)
    implements SparsitySchedule {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no schedule, or {@code peak} is outside (0, 1)
   */
  @JsonCreator
  public PeakedSchedule {
    if (schedule == null) {
      throw new IllegalArgumentException("schedule must be set, but is null");
    }
    if (!(peak > 0.0) || !Sparsity.isOne(peak)) {
      throw new IllegalArgumentException("peak must be a sparsity in (0, 1), but is " + peak);
    }
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    double value = schedule.valueAt(iteration, epoch);
    if (value > peak) {
      throw new IllegalArgumentException(
          "expected a schedule that stays within its peak of "
              + peak
              + ", but at iteration "
              + iteration
              + ", epoch "
              + epoch
              + " it is "
              + value);
    }
    return value;
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public PeakedSchedule clone() {
    return new PeakedSchedule(schedule.clone(), peak, falls);
  }
}
