package io.github.dl4jpruning.rounds;

/** What to try when the score of a round is too low, before the target is given up. */
public enum Retry {
  /** The same again, with twice as many epochs of fine-tuning. */
  MORE_EPOCHS,
  /** Half of the way first, measured in the logarithm of the density. */
  SMALLER_STEP
}
