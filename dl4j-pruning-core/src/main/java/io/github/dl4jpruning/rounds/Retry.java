package io.github.dl4jpruning.rounds;

/** What to try when the score of a round is not good enough, before giving up the target. */
public enum Retry {
  /** Tries the same target again, with twice as many fine-tuning epochs. */
  MORE_EPOCHS,
  /** Goes half of the way first, measured in the logarithm of the density. */
  SMALLER_STEP
}
