package io.github.dl4jpruning.schedule;

/** Where a schedule begins to count iterations and epochs. */
public enum CountFrom {
  /** At the first iteration of the network's training, as DL4J counts. */
  START_OF_TRAINING,
  /**
   * When the network is first pruned: for a network that has been trained before. The point is
   * saved with the state of the pruning, so that a training that is resumed counts on.
   */
  ATTACHMENT
}
