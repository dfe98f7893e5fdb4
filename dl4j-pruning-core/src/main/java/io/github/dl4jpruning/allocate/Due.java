package io.github.dl4jpruning.allocate;

/**
 * What a schedule asks for at an update.
 *
 * @param sparsity fraction of all weights to be removed, in [0, 1)
 * @param progress how much of the schedule's way that is, from 0 to 1 at its peak; NaN where the
 *     peak is not known
 */
public record Due(double sparsity, double progress) {

  /**
   * The progress, for a distribution that cannot do without.
   *
   * @param who the distribution, for the error
   * @return a number in [0, 1]
   * @throws IllegalArgumentException if it is not known
   */
  public double knownProgress(Object who) {
    if (Double.isNaN(progress)) {
      throw new IllegalArgumentException(
          who
              + " has to know where the schedule ends, but this one does not tell; wrap it in"
              + " SparsitySchedules.withPeak(schedule, finalSparsity)");
    }
    return progress;
  }
}
