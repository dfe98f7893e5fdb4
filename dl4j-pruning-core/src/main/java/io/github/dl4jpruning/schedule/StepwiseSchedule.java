package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A ramp in equal steps with training between them: iterative pruning. The first step is at {@code
 * begin} and the last at {@code end}.
 *
 * <p>With p = (t − begin) / (end − begin), where t is the iteration (or the epoch, for {@link
 * ScheduleType#EPOCH}),
 *
 * <pre>s = from + (to − from) · (⌊p · (steps − 1)⌋ + 1) / steps</pre>
 *
 * The value is {@code from} before {@code begin} and exactly {@code to} from {@code end} on. {@code
 * begin == end} gives a step at that point.
 *
 * <p>Source: S. Han et al., "Learning both weights and connections", 2015 (arXiv 1506.02626).
 *
 * @param scheduleType whether begin and end count iterations or epochs
 * @param from sparsity up to {@code begin}, in [0, 1)
 * @param to sparsity from {@code end} on, in [0, 1)
 * @param begin first iteration or epoch of the ramp, 0-based
 * @param end iteration or epoch from which {@code to} holds, at least {@code begin}
 * @param steps number of steps, at least 1; a single step is at {@code end}
 */
public record StepwiseSchedule(
    @JsonProperty("scheduleType") ScheduleType scheduleType,
    @JsonProperty("from") double from,
    @JsonProperty("to") double to,
    @JsonProperty("begin") int begin,
    @JsonProperty("end") int end,
    @JsonProperty("steps") int steps)
    implements Ramp {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a sparsity is outside [0, 1), {@code begin} is negative, or
   *     {@code end} is before {@code begin}, or {@code steps} is below 1
   */
  @JsonCreator
  public StepwiseSchedule {
    Ramp.check(scheduleType, from, to, begin, end);
    if (steps < 1) {
      throw new IllegalArgumentException("steps must be 1 or more, but is " + steps);
    }
  }

  @Override
  public double between(double p) {
    // Slightly more than p, so that rounding does not miss a step.
    double done = steps == 1 ? 0.0 : Math.floor(p * (steps - 1) + 1e-9) + 1.0;
    return from + (to - from) * done / steps;
  }

  @Override
  public boolean jumpsAtBegin() {
    return steps > 1;
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public StepwiseSchedule clone() {
    return this; // immutable
  }
}
