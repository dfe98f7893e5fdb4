package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Sparsity schedules by their usual names. Points in training are iterations, 0-based as in DL4J,
 * unless a {@link ScheduleType} selects epochs.
 *
 * <p>A sparsity schedule is simply an ND4J {@code ISchedule} with values in [0, 1). ND4J's own
 * schedules (a map, a step) and user-defined ones work too.
 */
public final class SparsitySchedules {

  /** The exponent in Zhu and Gupta, 2017. */
  private static final double CUBIC = 3.0;

  private SparsitySchedules() {}

  /**
   * The cubic schedule of gradual magnitude pruning, by iterations.
   *
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin first iteration of the ramp
   * @param end iteration from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link PolynomialSchedule#PolynomialSchedule}
   */
  public static PolynomialSchedule polynomial(double from, double to, int begin, int end) {
    return polynomial(ScheduleType.ITERATION, from, to, begin, end);
  }

  /**
   * The cubic schedule of gradual magnitude pruning, by iterations or epochs.
   *
   * @param type what {@code begin} and {@code end} count
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin start of the ramp
   * @param end point from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link PolynomialSchedule#PolynomialSchedule}
   */
  public static PolynomialSchedule polynomial(
      ScheduleType type, double from, double to, int begin, int end) {
    return new PolynomialSchedule(type, from, to, begin, end, CUBIC);
  }

  /**
   * A straight line, by iterations: each update removes the same number of weights.
   *
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin first iteration of the ramp
   * @param end iteration from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link PolynomialSchedule#PolynomialSchedule}
   */
  public static PolynomialSchedule linear(double from, double to, int begin, int end) {
    return linear(ScheduleType.ITERATION, from, to, begin, end);
  }

  /**
   * A straight line, by iterations or epochs.
   *
   * @param type what {@code begin} and {@code end} count
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin start of the ramp
   * @param end point from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link PolynomialSchedule#PolynomialSchedule}
   */
  public static PolynomialSchedule linear(
      ScheduleType type, double from, double to, int begin, int end) {
    return new PolynomialSchedule(type, from, to, begin, end, 1.0);
  }

  /**
   * Everything in one update.
   *
   * @param sparsity sparsity from {@code iteration} on, in [0, 1)
   * @param iteration the iteration of the update
   * @return the schedule
   * @throws IllegalArgumentException as for {@link OneShotSchedule#OneShotSchedule}
   */
  public static OneShotSchedule oneShot(double sparsity, int iteration) {
    return oneShot(ScheduleType.ITERATION, sparsity, iteration);
  }

  /**
   * Everything in one update, at an iteration or at the first iteration of an epoch.
   *
   * @param type what {@code at} counts
   * @param sparsity sparsity from {@code at} on, in [0, 1)
   * @param at the point of the update
   * @return the schedule
   * @throws IllegalArgumentException as for {@link OneShotSchedule#OneShotSchedule}
   */
  public static OneShotSchedule oneShot(ScheduleType type, double sparsity, int at) {
    return new OneShotSchedule(type, sparsity, at);
  }

  /**
   * The same sparsity from the first iteration on.
   *
   * @param sparsity the sparsity, in [0, 1)
   * @return the schedule
   * @throws IllegalArgumentException as for {@link OneShotSchedule#OneShotSchedule}
   */
  public static OneShotSchedule constant(double sparsity) {
    return oneShot(sparsity, 0);
  }

  /**
   * Each update removes the same fraction of the remaining weights, by iterations.
   *
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin first iteration of the ramp
   * @param end iteration from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link ExponentialSchedule#ExponentialSchedule}
   */
  public static ExponentialSchedule exponential(double from, double to, int begin, int end) {
    return new ExponentialSchedule(ScheduleType.ITERATION, from, to, begin, end);
  }

  /**
   * Half a cosine, by iterations.
   *
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin first iteration of the ramp
   * @param end iteration from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link CosineSchedule#CosineSchedule}
   */
  public static CosineSchedule cosine(double from, double to, int begin, int end) {
    return new CosineSchedule(ScheduleType.ITERATION, from, to, begin, end);
  }

  /**
   * One-cycle pruning, by iterations.
   *
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin first iteration of the ramp
   * @param end iteration from which {@code to} holds
   * @return the schedule
   * @throws IllegalArgumentException as for {@link OneCycleSchedule#OneCycleSchedule}
   */
  public static OneCycleSchedule oneCycle(double from, double to, int begin, int end) {
    return new OneCycleSchedule(ScheduleType.ITERATION, from, to, begin, end);
  }

  /**
   * Equal steps with training between them (iterative pruning), by iterations.
   *
   * @param from sparsity before {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin iteration of the first step
   * @param end iteration of the last step
   * @param steps number of steps
   * @return the schedule
   * @throws IllegalArgumentException as for {@link StepwiseSchedule#StepwiseSchedule}
   */
  public static StepwiseSchedule stepwise(double from, double to, int begin, int end, int steps) {
    return new StepwiseSchedule(ScheduleType.ITERATION, from, to, begin, end, steps);
  }

  /**
   * Dense, sparse, dense, by iterations. Needs a rule that lets weights return.
   *
   * @param sparsity sparsity of the sparse phase, in [0, 1)
   * @param begin last iteration with sparsity 0 before the rise
   * @param full iteration from which {@code sparsity} holds
   * @param release last iteration with {@code sparsity}
   * @param end iteration from which the sparsity is 0 again
   * @return the schedule
   * @throws IllegalArgumentException as for {@link
   *     DenseSparseDenseSchedule#DenseSparseDenseSchedule}
   */
  public static DenseSparseDenseSchedule denseSparseDense(
      double sparsity, int begin, int full, int release, int end) {
    return new DenseSparseDenseSchedule(
        ScheduleType.ITERATION, sparsity, begin, full, release, end);
  }

  /**
   * Wraps any schedule for a distribution that needs to know the schedule's peak (a budget, a
   * threshold, targets by layer).
   *
   * @param schedule any schedule with values in [0, {@code peak}] that does not fall
   * @param peak the highest value of the schedule, in (0, 1)
   * @return the same schedule, with its peak
   * @throws IllegalArgumentException as for {@link PeakedSchedule#PeakedSchedule}
   */
  public static PeakedSchedule withPeak(ISchedule schedule, double peak) {
    return new PeakedSchedule(schedule, peak, false);
  }
}
