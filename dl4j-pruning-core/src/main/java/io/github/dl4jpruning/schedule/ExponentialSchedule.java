package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A ramp in which each update removes the same fraction of the remaining weights, as in the rounds
 * of iterative pruning.
 *
 * <p>With p = (t − begin) / (end − begin), where t is the iteration (or the epoch, for {@link
 * ScheduleType#EPOCH}),
 *
 * <pre>s = 1 − (1 − from) · ((1 − to) / (1 − from))^p</pre>
 *
 * The value is {@code from} before {@code begin} and exactly {@code to} from {@code end} on. {@code
 * begin == end} gives a step at that point.
 *
 * <p>Source: the rounds of J. Frankle and M. Carbin, "The lottery ticket hypothesis", 2019 (arXiv
 * 1803.03635), made continuous.
 *
 * @param scheduleType whether begin and end count iterations or epochs
 * @param from sparsity up to {@code begin}, in [0, 1)
 * @param to sparsity from {@code end} on, in [0, 1)
 * @param begin first iteration or epoch of the ramp, 0-based
 * @param end iteration or epoch from which {@code to} holds, at least {@code begin}
 */
public record ExponentialSchedule(
    @JsonProperty("scheduleType") ScheduleType scheduleType,
    @JsonProperty("from") double from,
    @JsonProperty("to") double to,
    @JsonProperty("begin") int begin,
    @JsonProperty("end") int end)
    implements Ramp {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a sparsity is outside [0, 1), {@code begin} is negative, or
   *     {@code end} is before {@code begin}
   */
  @JsonCreator
  public ExponentialSchedule {
    Ramp.check(scheduleType, from, to, begin, end);
  }

  @Override
  public double between(double p) {
    return 1.0 - (1.0 - from) * Math.pow((1.0 - to) / (1.0 - from), p);
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public ExponentialSchedule clone() {
    return this; // immutable
  }
}
