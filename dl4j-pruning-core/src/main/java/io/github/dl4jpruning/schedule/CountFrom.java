package io.github.dl4jpruning.schedule;

/** The point from which a schedule counts iterations and epochs. */
public enum CountFrom {
  /** The first iteration of the network's training, in DL4J's count. */
  START_OF_TRAINING,
  /**
   * The first pruning of the network; for a network that was trained before. The point is saved
   * with the pruning state, so a resumed training continues the count.
   */
  ATTACHMENT
}
