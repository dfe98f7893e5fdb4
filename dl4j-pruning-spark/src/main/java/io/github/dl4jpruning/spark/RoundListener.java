package io.github.dl4jpruning.spark;

/** Follows a training on the driver, for progress and charts. */
@FunctionalInterface
public interface RoundListener {

  /**
   * Called after each round, when the average is in the driver's network and the checkpoint is
   * written. An exception that it throws ends the training.
   *
   * @param round the round
   */
  void onRoundDone(Round round);

  /**
   * A round of an epoch.
   *
   * @param epoch the epoch, 0-based
   * @param number the round in the epoch, 0-based
   * @param rounds how many rounds an epoch has
   * @param iterations how many iterations the driver's network counts now
   * @param sparsity the fraction of the selected weights that the masks remove, in [0, 1]
   * @param score the loss that DL4J reports: the mean over the workers' last batches
   */
  record Round(int epoch, int number, int rounds, int iterations, double sparsity, double score) {

    /**
     * Tells whether this is the last round of its epoch.
     *
     * @return true for the last one
     */
    public boolean endsEpoch() {
      return number + 1 == rounds;
    }
  }
}
