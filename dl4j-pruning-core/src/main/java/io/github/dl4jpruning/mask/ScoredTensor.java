package io.github.dl4jpruning.mask;

/**
 * One tensor as the selection sees it.
 *
 * @param name layer and key, for errors
 * @param scores importance by flat index, higher for what should stay; not to be changed
 * @param prior the mask that holds already: what it removed stays removed
 */
@SuppressWarnings("ArrayRecordComponent") // a view for the length of one update, never compared
public record ScoredTensor(String name, double[] scores, Mask prior) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is not one score per entry of the mask
   */
  public ScoredTensor {
    if (scores.length != prior.length()) {
      throw new IllegalArgumentException(
          name
              + ": expected one score for each of "
              + prior.length()
              + " weights, but found "
              + scores.length);
    }
  }
}
