package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A ramp along a polynomial, as in gradual magnitude pruning. A power of 3 prunes fast while there
 * is redundancy and slowly near the end; a power of 1 is linear.
 *
 * <p>With p = (t − begin) / (end − begin), where t is the iteration (or the epoch, for {@link
 * ScheduleType#EPOCH}),
 *
 * <pre>s = to + (from − to) · (1 − p)^power</pre>
 *
 * The value is {@code from} before {@code begin} and exactly {@code to} from {@code end} on. {@code
 * begin == end} gives a step at that point.
 *
 * <p>Source: M. Zhu and S. Gupta, "To prune, or not to prune", 2017 (arXiv 1710.01878).
 *
 * @param scheduleType whether begin and end count iterations or epochs
 * @param from sparsity up to {@code begin}, in [0, 1)
 * @param to sparsity from {@code end} on, in [0, 1)
 * @param begin first iteration or epoch of the ramp, 0-based
 * @param end iteration or epoch from which {@code to} holds, at least {@code begin}
 * @param power exponent of the polynomial, above 0
 */
public record PolynomialSchedule(
    @JsonProperty("scheduleType") ScheduleType scheduleType,
    @JsonProperty("from") double from,
    @JsonProperty("to") double to,
    @JsonProperty("begin") int begin,
    @JsonProperty("end") int end,
    @JsonProperty("power") double power)
    implements Ramp {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a sparsity is outside [0, 1), {@code begin} is negative, or
   *     {@code end} is before {@code begin}, or {@code power} is not a finite number above 0
   */
  @JsonCreator
  public PolynomialSchedule {
    Ramp.check(scheduleType, from, to, begin, end);
    if (!(power > 0.0) || Double.isInfinite(power)) {
      throw new IllegalArgumentException("power must be a finite number above 0, but is " + power);
    }
  }

  @Override
  public double between(double p) {
    return to + (from - to) * Math.pow(1.0 - p, power);
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public PolynomialSchedule clone() {
    return this; // immutable
  }
}
