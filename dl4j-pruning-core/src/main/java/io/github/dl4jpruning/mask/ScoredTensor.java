package io.github.dl4jpruning.mask;

/**
 * One tensor as the selection sees it: units (single weights, unless a pattern makes larger ones),
 * each with a score and a size.
 *
 * @param name layer and key, for errors
 * @param scores importance by unit, higher for what should stay; not to be changed
 * @param prior the mask that holds already: what it removed stays removed
 * @param candidates which of the units that {@code prior} keeps may go; the others stay
 * @param sizes how many weights each unit holds
 */
@SuppressWarnings("ArrayRecordComponent") // a view for the length of one update, never compared
public record ScoredTensor(
    String name, double[] scores, Mask prior, Mask candidates, UnitSizes sizes) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is not one score per entry of the mask
   */
  public ScoredTensor {
    if (scores.length != prior.length() || scores.length != candidates.length()) {
      throw new IllegalArgumentException(
          name
              + ": expected one score for each of "
              + prior.length()
              + " weights, but found "
              + scores.length);
    }
  }

  /**
   * Single weights, all of which may go.
   *
   * @param name layer and key, for errors
   * @param scores importance by flat index
   * @param prior the mask that holds already
   * @throws IllegalArgumentException if there is not one score per entry of the mask
   */
  public ScoredTensor(String name, double[] scores, Mask prior) {
    this(name, scores, prior, prior, UnitSizes.ones(scores.length));
  }

  /**
   * The number of weights.
   *
   * @return all of them, removed or not
   */
  public long weights() {
    return sizes.total();
  }

  /**
   * The weights that are removed already.
   *
   * @return how many
   */
  public long removed() {
    return sizes.total() - sizes.kept(prior);
  }

  /**
   * The most weights that may be removed in the end: all candidates and what is removed already,
   * but not the last unit.
   *
   * @return how many
   */
  public long mostRemoved() {
    long most = removed() + sizes.kept(candidates);
    return most < sizes.total() ? most : most - lastUnit();
  }

  /**
   * The size of the largest unit.
   *
   * @return its weights, at least 1
   */
  public int largestUnit() {
    return sizes.largest();
  }

  /**
   * The weights of the candidate that would be the last to go.
   *
   * @return the size of the unit with the highest score
   */
  public int lastUnit() {
    if (sizes.areAlike()) {
      return sizes.of(0);
    }
    int best = -1;
    for (int unit = 0; unit < scores.length; unit++) {
      if (candidates.isKept(unit) && (best < 0 || scores[unit] > scores[best])) {
        best = unit;
      }
    }
    return best < 0 ? 0 : sizes.of(best);
  }
}
