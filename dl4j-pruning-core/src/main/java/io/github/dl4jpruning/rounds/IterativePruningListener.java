package io.github.dl4jpruning.rounds;

import java.time.Duration;

/** Receives the progress of a pruner in rounds, in the training thread. */
public interface IterativePruningListener {

  /**
   * Called when dense training starts, or continues in a resumed run. Not called if no dense epochs
   * are left.
   *
   * @param done the number of finished epochs
   * @param epochs the number of all dense epochs
   */
  default void onDenseStarted(int done, int epochs) {}

  /**
   * Called when an epoch of dense training is finished.
   *
   * @param epoch the number of the epoch, from 1
   * @param epochs the number of all dense epochs
   */
  default void onDenseEpoch(int epoch, int epochs) {}

  /**
   * Called when the network has been scored before pruning.
   *
   * @param score its score on validation data
   * @param sparsity its sparsity, usually 0
   */
  default void onDense(double score, double sparsity) {}

  /**
   * Called when a round starts, or continues in a resumed run.
   *
   * @param round the number of the round, from 1
   * @param target the target sparsity
   * @param done the number of finished epochs of the round
   * @param epochs the maximum number of epochs of the round
   */
  default void onRoundStarted(int round, double target, int done, int epochs) {}

  /**
   * Called when an epoch of a round is finished.
   *
   * @param event the state of the round
   */
  default void onEpoch(EpochDone event) {}

  /**
   * Called when a round has been accepted or taken back.
   *
   * @param round the result
   */
  default void onRound(PruningRound round) {}

  /**
   * The state of a round after an epoch.
   *
   * @param round the number of the round, from 1
   * @param target the target sparsity
   * @param epoch the finished epoch, from 1
   * @param epochs the maximum number of epochs of the round
   * @param sparsity the current sparsity
   * @param score the score on validation data; NaN below the target
   * @param remaining the estimated remaining time if no round fails, from the time of the epochs so
   *     far
   */
  record EpochDone(
      int round,
      double target,
      int epoch,
      int epochs,
      double sparsity,
      double score,
      Duration remaining) {}
}
