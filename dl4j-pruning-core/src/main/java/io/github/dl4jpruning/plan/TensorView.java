package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.Optional;

/**
 * One tensor at an update.
 *
 * @param weights what a criterion may see
 * @param mask the mask that holds
 * @param outputScales γ of the batch normalisation that follows; empty if there is none or the
 *     pattern does not ask for it
 */
@SuppressWarnings("ArrayRecordComponent") // a view that lives for one update
public record TensorView(WeightTensor weights, Mask mask, Optional<double[]> outputScales) {

  /**
   * The parameter that this is a view of.
   *
   * @return name, shape and place
   */
  public PrunableParameter parameter() {
    return weights.parameter();
  }
}
