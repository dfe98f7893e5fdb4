package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One cycle: a ramp along a logistic curve that gives the dense network time to learn, prunes fast
 * in the first half and slowly in the second.
 *
 * <p>With p = (t − begin) / (end − begin), where t is the iteration (or the epoch, for {@link
 * ScheduleType#EPOCH}),
 *
 * <pre>s = from + (to − from) · (1 + e^(−α+β)) / (1 + e^(−α·p+β)),  α = 14, β = 5</pre>
 *
 * The value is {@code from} before {@code begin} and exactly {@code to} from {@code end} on. {@code
 * begin == end} gives a step at that point.
 *
 * <p>At p = 0 the formula is already at 0.7% of the ramp.
 *
 * <p>Source: N. Hubens et al., "One-cycle pruning", 2021 (arXiv 2107.02086).
 *
 * @param scheduleType whether begin and end count iterations or epochs
 * @param from sparsity up to {@code begin}, in [0, 1)
 * @param to sparsity from {@code end} on, in [0, 1)
 * @param begin first iteration or epoch of the ramp, 0-based
 * @param end iteration or epoch from which {@code to} holds, at least {@code begin}
 */
public record OneCycleSchedule(
    @JsonProperty("scheduleType") ScheduleType scheduleType,
    @JsonProperty("from") double from,
    @JsonProperty("to") double to,
    @JsonProperty("begin") int begin,
    @JsonProperty("end") int end)
    implements Ramp {

  private static final double ALPHA = 14.0;
  private static final double BETA = 5.0;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a sparsity is outside [0, 1), {@code begin} is negative, or
   *     {@code end} is before {@code begin}
   */
  @JsonCreator
  public OneCycleSchedule {
    Ramp.check(scheduleType, from, to, begin, end);
  }

  @Override
  public double between(double p) {
    return from
        + (to - from) * (1.0 + Math.exp(-ALPHA + BETA)) / (1.0 + Math.exp(-ALPHA * p + BETA));
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public OneCycleSchedule clone() {
    return this; // immutable
  }
}
