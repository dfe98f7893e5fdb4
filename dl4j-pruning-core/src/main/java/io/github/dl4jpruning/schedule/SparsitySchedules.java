package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Sparsity schedules by their usual names. Points in training are iterations, 0-based as DL4J
 * counts them, unless a {@link ScheduleType} says that they are epochs.
 *
 * <p>A sparsity schedule is nothing but an ND4J {@code ISchedule} whose values lie in [0, 1), so
 * those of ND4J (a map, a step) and your own serve as well as these.
 */
public final class SparsitySchedules {

  /** The exponent of Zhu and Gupta. */
  private static final double CUBIC = 3.0;

  private SparsitySchedules() {}

  /**
   * The cubic schedule of gradual magnitude pruning, by iterations.
   *
   * @param from sparsity up to {@code begin}, in [0, 1)
   * @param to sparsity from {@code end} on, in [0, 1)
   * @param begin first iteration of the movement
   * @param end iteration at which {@code to} is reached
   * @return the schedule
   * @throws IllegalArgumentException as {@link PolynomialSchedule#PolynomialSchedule}
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
   * @param begin begin of the movement
   * @param end point at which {@code to} is reached
   * @return the schedule
   * @throws IllegalArgumentException as {@link PolynomialSchedule#PolynomialSchedule}
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
   * @param begin first iteration of the movement
   * @param end iteration at which {@code to} is reached
   * @return the schedule
   * @throws IllegalArgumentException as {@link PolynomialSchedule#PolynomialSchedule}
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
   * @param begin begin of the movement
   * @param end point at which {@code to} is reached
   * @return the schedule
   * @throws IllegalArgumentException as {@link PolynomialSchedule#PolynomialSchedule}
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
   * @throws IllegalArgumentException as {@link OneShotSchedule#OneShotSchedule}
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
   * @throws IllegalArgumentException as {@link OneShotSchedule#OneShotSchedule}
   */
  public static OneShotSchedule oneShot(ScheduleType type, double sparsity, int at) {
    return new OneShotSchedule(type, sparsity, at);
  }

  /**
   * The same sparsity from the first iteration on.
   *
   * @param sparsity the sparsity, in [0, 1)
   * @return the schedule
   * @throws IllegalArgumentException as {@link OneShotSchedule#OneShotSchedule}
   */
  public static OneShotSchedule constant(double sparsity) {
    return oneShot(sparsity, 0);
  }
}
