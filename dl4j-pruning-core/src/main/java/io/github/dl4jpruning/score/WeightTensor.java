package io.github.dl4jpruning.score;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.function.Supplier;

/**
 * What a criterion sees of one parameter tensor at a mask update. All arrays are by flat index,
 * converted to double without loss, and computed when they are asked for.
 *
 * <p>Made for the length of one call. Each array is a copy that may be overwritten and returned.
 */
public final class WeightTensor {

  private final PrunableParameter parameter;
  private final int iteration;
  private final Supplier<double[]> weights;
  private final Supplier<double[]> gradients;
  private final Supplier<double[]> initialWeights;
  private final Supplier<double[]> movement;

  /**
   * A tensor.
   *
   * @param parameter its name, layer and shape
   * @param iteration the iteration at which it is scored, as the schedule counts it, 0-based
   * @param weights gives its values
   * @param gradients gives ∂L/∂w of the batch at hand, summed over its examples
   * @param initialWeights gives its values when pruning began
   * @param movement gives −Σ w·∂L/∂w over the iterations since the last mask update
   */
  public WeightTensor(
      PrunableParameter parameter,
      int iteration,
      Supplier<double[]> weights,
      Supplier<double[]> gradients,
      Supplier<double[]> initialWeights,
      Supplier<double[]> movement) {
    this.parameter = parameter;
    this.iteration = iteration;
    this.weights = weights;
    this.gradients = gradients;
    this.initialWeights = initialWeights;
    this.movement = movement;
  }

  /**
   * What the tensor is called.
   *
   * @return layer and key, for instance {@code layer0.W}
   */
  public String name() {
    return parameter.name();
  }

  /**
   * What the tensor is.
   *
   * @return its name, layer, type and shape
   */
  public PrunableParameter parameter() {
    return parameter;
  }

  /**
   * When it is scored.
   *
   * @return the iteration, as the schedule counts it, 0-based
   */
  public int iteration() {
    return iteration;
  }

  /**
   * The weights as they are; removed ones are 0.
   *
   * @return a copy
   */
  public double[] weights() {
    return weights.get();
  }

  /**
   * The gradient of the loss, of removed weights too, before clipping and regularisation, and as
   * DL4J has it at that point: summed over the examples of the batch.
   *
   * @return a copy
   * @throws IllegalStateException if one is NaN or infinite
   */
  public double[] gradients() {
    return gradients.get();
  }

  /**
   * The weights when pruning began: when the listener was attached.
   *
   * @return a copy
   * @throws IllegalStateException if the criterion does not say that it {@linkplain
   *     ImportanceCriterion#remembers() remembers} them
   */
  public double[] initialWeights() {
    return initialWeights.get();
  }

  /**
   * Movement: −Σ w·∂L/∂w over the iterations since the last mask update, this one included.
   *
   * @return a copy
   * @throws IllegalStateException if the criterion does not say that it {@linkplain
   *     ImportanceCriterion#remembers() remembers} it
   */
  public double[] movement() {
    return movement.get();
  }
}
