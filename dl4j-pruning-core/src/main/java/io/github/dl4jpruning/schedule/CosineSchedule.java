package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A ramp along half a cosine: slow, then fast, then slow.
 *
 * <p>With p = (t − begin) / (end − begin), where t is the iteration (or the epoch, for {@link
 * ScheduleType#EPOCH}),
 *
 * <pre>s = to + (from − to) · (1 + cos(π·p)) / 2</pre>
 *
 * The value is {@code from} before {@code begin} and exactly {@code to} from {@code end} on. {@code
 * begin == end} gives a step at that point.
 *
 * <p>Source: the annealing of I. Loshchilov and F. Hutter, "SGDR", 2017 (arXiv 1608.03983).
 *
 * @param scheduleType whether begin and end count iterations or epochs
 * @param from sparsity up to {@code begin}, in [0, 1)
 * @param to sparsity from {@code end} on, in [0, 1)
 * @param begin first iteration or epoch of the ramp, 0-based
 * @param end iteration or epoch from which {@code to} holds, at least {@code begin}
 */
public record CosineSchedule(
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
  public CosineSchedule {
    Ramp.check(scheduleType, from, to, begin, end);
  }

  @Override
  public double between(double p) {
    return to + (from - to) * (1.0 + Math.cos(Math.PI * p)) / 2.0;
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public CosineSchedule clone() {
    return this; // immutable
  }
}
