package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Optional;

/**
 * A tensor with scored weights, before a pattern groups them into units.
 *
 * @param name layer and key, for messages
 * @param layout the meaning of the flat index
 * @param scores importance by flat index, higher for weights to keep
 * @param prior the present mask, by flat index
 * @param outputScales for each output channel, its scale in the following batch normalisation;
 *     empty if unknown or not requested
 */
@SuppressWarnings("ArrayRecordComponent") // a view that lives for one mask update, never compared
public record TensorScores(
    String name,
    KernelLayout layout,
    double[] scores,
    Mask prior,
    Optional<double[]> outputScales) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the number of scores or the length of the mask differs from
   *     the number of weights
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
