package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Dense, sparse, dense: sparsity rises linearly from 0, holds, and falls linearly to 0 again. The
 * sparse phase regularises; the final network is dense. Needs a rule that lets weights return.
 *
 * <p>Source: S. Han et al., "DSD: dense-sparse-dense training", 2017 (arXiv 1607.04381), where it
 * rises and falls in single steps: {@code begin == full} and {@code release == end}.
 *
 * @param scheduleType whether the points count iterations or epochs
 * @param sparsity sparsity of the sparse phase, in [0, 1)
 * @param begin last point with sparsity 0, 0-based
 * @param full point from which {@code sparsity} holds, at least {@code begin}
 * @param release last point with {@code sparsity}, at least {@code full}
 * @param end point from which the sparsity is 0 again, above {@code begin} and at least {@code
 *     release}
 */
public record DenseSparseDenseSchedule(
    @JsonProperty("scheduleType") ScheduleType scheduleType,
    @JsonProperty("sparsity") double sparsity,
    @JsonProperty("begin") int begin,
    @JsonProperty("full") int full,
    @JsonProperty("release") int release,
    @JsonProperty("end") int end)
    implements SparsitySchedule {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if {@code sparsity} is outside [0, 1), or the points are
   *     negative or out of order
   */
  @JsonCreator
  public DenseSparseDenseSchedule {
    Ramp.checkType(scheduleType);
    Sparsity.check(sparsity, "sparsity");
    if (begin < 0 || full < begin || release < full || end < release || end == begin) {
      throw new IllegalArgumentException(
          "expected 0 <= begin <= full <= release <= end and begin < end, but they are "
              + begin
              + ", "
              + full
              + ", "
              + release
              + " and "
              + end);
    }
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    int t = scheduleType == ScheduleType.ITERATION ? iteration : epoch;
    if (t < begin || t >= end) {
      return 0.0;
    }
    if (t < full) {
      return sparsity * (t - (double) begin) / ((double) full - begin);
    }
    if (t <= release) {
      return sparsity;
    }
    return sparsity * ((double) end - t) / ((double) end - release);
  }

  @Override
  public double peak() {
    return sparsity;
  }

  @Override
  public boolean falls() {
    return sparsity > 0.0;
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public DenseSparseDenseSchedule clone() {
    return this; // immutable
  }
}
