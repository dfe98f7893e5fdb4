package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * A sparsity schedule that knows its peak. Any other {@link ISchedule} works too, unless a
 * distribution needs to know the peak; see {@link SparsitySchedules#withPeak}.
 */
public interface SparsitySchedule extends ISchedule {

  /**
   * Returns the highest sparsity of the schedule.
   *
   * @return a sparsity in [0, 1)
   */
  double peak();

  /**
   * Returns whether the schedule falls anywhere, so that weights must return.
   *
   * @return true if it does
   */
  boolean falls();

  @Override
  SparsitySchedule clone();
}
