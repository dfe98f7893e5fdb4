package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.Optional;

/**
 * A view of one tensor at an update.
 *
 * @param weights what a criterion may read
 * @param mask the current mask
 * @param outputScales γ of the following batch normalisation; empty if there is none or the pattern
 *     does not need it
 */
@SuppressWarnings("ArrayRecordComponent") // a view that lives for one update
public record TensorView(WeightTensor weights, Mask mask, Optional<double[]> outputScales) {

  /**
   * Returns the parameter of this tensor.
   *
   * @return its name, shape and position
   */
  public PrunableParameter parameter() {
    return weights.parameter();
  }
}
