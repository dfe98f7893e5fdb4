package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Optional;

/**
 * A tensor whose weights have been scored, before a pattern makes units of them.
 *
 * @param name layer and key, for errors
 * @param layout what the flat index means
 * @param scores importance by flat index, higher for what should stay
 * @param prior the mask that holds already, by flat index
 * @param outputScales for each output channel, the scale that the batch normalisation behind it
 *     gives it; empty where that is not known or not asked for
 */
@SuppressWarnings("ArrayRecordComponent") // a view for the length of one update, never compared
public record TensorScores(
    String name,
    KernelLayout layout,
    double[] scores,
    Mask prior,
    Optional<double[]> outputScales) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is not one score for each weight
   */
  public TensorScores {
    if (scores.length != layout.length() || prior.length() != layout.length()) {
      throw new IllegalArgumentException(
          name
              + ": expected one score for each of "
              + layout.length()
              + " weights, but found "
              + scores.length);
    }
  }
}
