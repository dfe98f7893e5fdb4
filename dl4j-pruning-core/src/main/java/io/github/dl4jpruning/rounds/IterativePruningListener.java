package io.github.dl4jpruning.rounds;

import java.time.Duration;

/** Is told how a pruner in rounds goes on, in the thread that trains. */
public interface IterativePruningListener {

  /**
   * The dense training begins, or goes on in a run that is resumed. Not called if there is none
   * left.
   *
   * @param done epochs that are done
   * @param epochs how many there will be
   */
  default void onDenseStarted(int done, int epochs) {}

  /**
   * An epoch of the dense training is done.
   *
   * @param epoch which, from 1
   * @param epochs of how many
   */
  default void onDenseEpoch(int epoch, int epochs) {}

  /**
   * The network has been scored as it was before pruning.
   *
   * @param score its score on validation data
   * @param sparsity its sparsity, usually 0
   */
  default void onDense(double score, double sparsity) {}

  /**
   * A round begins, or goes on in a run that is resumed.
   *
   * @param round its number, from 1
   * @param target the sparsity that it goes for
   * @param done epochs of it that are done
   * @param epochs how many epochs it will take at most
   */
  default void onRoundStarted(int round, double target, int done, int epochs) {}

  /**
   * An epoch of a round is done.
   *
   * @param event where it stands
   */
  default void onEpoch(EpochDone event) {}

  /**
   * A round is done, and has been accepted or taken back.
   *
   * @param round what came of it
   */
  default void onRound(PruningRound round) {}

  /**
   * Where a round stands.
   *
   * @param round its number, from 1
   * @param target the sparsity that it goes for
   * @param epoch the epoch that is done, from 1
   * @param epochs how many there will be at most
   * @param sparsity the sparsity now
   * @param score the score on validation data; NaN below the target
   * @param remaining the time that is left if no round fails, by the epochs until now
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
