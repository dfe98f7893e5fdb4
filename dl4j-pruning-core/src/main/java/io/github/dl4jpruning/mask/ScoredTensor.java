package io.github.dl4jpruning.mask;

/**
 * A tensor as the selection sees it: units (single weights, or larger ones made by a pattern), each
 * with a score and a size.
 *
 * @param name layer and key, for messages
 * @param scores importance by unit, higher for units to keep; must not be changed
 * @param prior the present mask: what it removes stays removed
 * @param candidates the units kept by {@code prior} that may be removed
 * @param sizes the number of weights of each unit
 */
@SuppressWarnings("ArrayRecordComponent") // a view that lives for one mask update, never compared
public record ScoredTensor(
    String name, double[] scores, Mask prior, Mask candidates, UnitSizes sizes) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the number of scores differs from the length of the mask
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
   * Creates a tensor of single weights, all of which may be removed.
   *
   * @param name layer and key, for messages
   * @param scores importance by flat index
   * @param prior the present mask
   * @throws IllegalArgumentException if the number of scores differs from the length of the mask
   */
  public ScoredTensor(String name, double[] scores, Mask prior) {
    this(name, scores, prior, prior, UnitSizes.ones(scores.length));
  }

  /**
   * Returns the number of weights.
   *
   * @return the number, including removed weights
   */
  public long weights() {
    return sizes.total();
  }

  /**
   * Returns the number of weights already removed.
   *
   * @return the number
   */
  public long removed() {
    return sizes.total() - sizes.kept(prior);
  }

  /**
   * Returns the most weights that may be removed in total: all candidates and those already
   * removed, but not the last unit.
   *
   * @return the number
   */
  public long mostRemoved() {
    long most = removed() + sizes.kept(candidates);
    return most < sizes.total() ? most : most - lastUnit();
  }

  /**
   * Returns the size of the largest unit.
   *
   * @return its number of weights, at least 1
   */
  public int largestUnit() {
    return sizes.largest();
  }

  /**
   * Returns the number of weights of the candidate that would be removed last.
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
