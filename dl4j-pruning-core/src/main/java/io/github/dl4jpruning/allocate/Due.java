package io.github.dl4jpruning.allocate;

/**
 * The sparsity that a schedule requires at a mask update.
 *
 * @param sparsity fraction of all weights to remove, in [0, 1)
 * @param progress that sparsity as a share of the schedule's peak, in [0, 1]; NaN if the peak is
 *     not known
 */
public record Due(double sparsity, double progress) {

  /**
   * Returns the progress, for a distribution that requires it.
   *
   * @param who the distribution, for the message
   * @return a number in [0, 1]
   * @throws IllegalArgumentException if the progress is not known
   */
  public double knownProgress(Object who) {
    if (Double.isNaN(progress)) {
      throw new IllegalArgumentException(
          who
              + " needs to know the peak of the schedule, but this schedule does not give it; wrap"
              + " it in SparsitySchedules.withPeak(schedule, finalSparsity)");
    }
    return progress;
  }
}
