package io.github.dl4jpruning.schedule;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * A sparsity schedule that knows how far it goes. Any other {@link ISchedule} serves too, unless a
 * distribution has to know the end of the schedule; see {@link SparsitySchedules#withPeak}.
 */
public interface SparsitySchedule extends ISchedule {

  /**
   * The highest sparsity that is reached.
   *
   * @return a sparsity in [0, 1)
   */
  double peak();

  /**
   * Whether it falls anywhere, so that weights have to return.
   *
   * @return true if so
   */
  boolean falls();

  @Override
  SparsitySchedule clone();
}
