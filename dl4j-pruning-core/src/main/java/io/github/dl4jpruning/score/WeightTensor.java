package io.github.dl4jpruning.score;

import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A criterion's view of one parameter tensor at a mask update. All arrays are by flat index,
 * converted to double without loss, and computed on demand.
 *
 * <p>Valid for one call only. Each array is a copy that may be overwritten and returned.
 */
public final class WeightTensor {

  private final PrunableParameter parameter;
  private final int iteration;
  private final Supplier<double[]> weights;
  private final Supplier<double[]> gradients;
  private final Function<Memory, double[]> remembered;

  /**
   * Creates a tensor.
   *
   * @param parameter its name, layer and shape
   * @param iteration the iteration at which it is scored, as the schedule counts it, 0-based
   * @param weights supplies its values
   * @param gradients supplies ∂L/∂w of the current batch, summed over its examples
   * @param remembered returns a copy of what is remembered, an element per weight; throws an
   *     IllegalStateException if that is not remembered
   */
  public WeightTensor(
      PrunableParameter parameter,
      int iteration,
      Supplier<double[]> weights,
      Supplier<double[]> gradients,
      Function<Memory, double[]> remembered) {
    this.parameter = parameter;
    this.iteration = iteration;
    this.weights = weights;
    this.gradients = gradients;
    this.remembered = remembered;
  }

  /**
   * Returns the name of the tensor.
   *
   * @return layer and key, for instance {@code layer0.W}
   */
  public String name() {
    return parameter.name();
  }

  /**
   * Returns the description of the tensor.
   *
   * @return its name, layer, type and shape
   */
  public PrunableParameter parameter() {
    return parameter;
  }

  /**
   * Returns the iteration at which it is scored.
   *
   * @return the iteration, as the schedule counts it, 0-based
   */
  public int iteration() {
    return iteration;
  }

  /**
   * Returns the present weights; removed ones are 0.
   *
   * @return a copy
   */
  public double[] weights() {
    return weights.get();
  }

  /**
   * Returns the gradient of the loss, also of removed weights, before clipping and regularisation.
   * As in DL4J at that point, it is summed over the examples of the batch.
   *
   * @return a copy
   * @throws IllegalStateException if one is NaN or infinite
   */
  public double[] gradients() {
    return gradients.get();
  }

  /**
   * Returns the weights from when pruning began, that is, when the listener was attached.
   *
   * @return a copy
   * @throws IllegalStateException if the criterion does not {@linkplain
   *     ImportanceCriterion#remembers() remember} them
   */
  public double[] initialWeights() {
    return remembered.apply(Memory.INITIAL_WEIGHTS);
  }

  /**
   * Returns the movement: −Σ w·∂L/∂w over the iterations since the last mask update, including the
   * current one.
   *
   * @return a copy
   * @throws IllegalStateException if the criterion does not {@linkplain
   *     ImportanceCriterion#remembers() remember} it
   */
  public double[] movement() {
    return remembered.apply(Memory.MOVEMENT);
  }

  /**
   * Returns the mean squared gradient of each weight, E[g²]: an exponential mean over the
   * iterations, including the current one. g is the gradient divided by the number of examples. The
   * mean begins at zero and is not corrected for that.
   *
   * @return a copy
   * @throws IllegalStateException if the criterion does not {@linkplain
   *     ImportanceCriterion#remembers() remember} it
   */
  public double[] squaredGradients() {
    return remembered.apply(Memory.SQUARED_GRADIENTS);
  }

  /**
   * Returns the mean square of the input that each weight reads, E[x²]: over the examples, steps
   * and places of a batch, and an exponential mean over batches.
   *
   * @return a copy
   * @throws IllegalStateException if the criterion does not {@linkplain
   *     ImportanceCriterion#remembers() remember} it, or no forward pass was seen
   */
  public double[] squaredInputs() {
    return remembered.apply(Memory.SQUARED_INPUTS);
  }
}
