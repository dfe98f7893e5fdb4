package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;

/**
 * Checks whether a network can be pruned while it trains.
 *
 * @param network the network
 */
public record TrainingRequirements(NetworkParameters network) {

  /**
   * Checks that masks are effective while this network trains. Solvers with a line search keep
   * their own copy of the parameters and write it back.
   *
   * @throws IllegalArgumentException if the solver is not stochastic gradient descent
   */
  public void checkTrainedBySgd() {
    OptimizationAlgorithm algorithm = network.network().algorithm();
    if (algorithm != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
      throw new IllegalArgumentException(
          "expected a network trained by STOCHASTIC_GRADIENT_DESCENT (with any updater), but its"
              + " optimization algorithm is "
              + algorithm);
    }
  }

  /**
   * Checks that a batch is one iteration.
   *
   * @throws IllegalArgumentException if backpropagation through time is truncated: then each
   *     segment is an iteration, and batches of different length have different numbers of segments
   */
  public void checkOneIterationPerBatch() {
    if (network.network().truncates()) {
      throw new IllegalArgumentException(
          "expected a network whose replicas make one iteration for each batch, but its"
              + " backpropagation through time is truncated, which makes one for each segment");
    }
  }

  /**
   * Checks that DL4J's copy of the network has the same layout of updater state. Trainers of
   * replicas copy and average the raw state array.
   *
   * @throws IllegalArgumentException if the layout may differ, or the network cannot be copied
   *     through JSON
   */
  public void checkCopiesKeepUpdaterState() {
    boolean state = NetworkStore.hasUpdaterState(network.model());
    if (state && !SavedConfiguration.of(network.model(), 0, 0).keepsUpdaterLayout()) {
      throw new IllegalArgumentException(
          "expected updaters that are equal to their copies, since replicas copy and average their"
              + " raw state, but one is not (does a learning-rate schedule lack equals?)");
    }
  }

  /**
   * Checks that DL4J's constraints, which are applied after each step, preserve zeros, by applying
   * each of them to an array with zeros. A unit norm, for instance, divides by the norm, which is
   * zero if all weights of a unit are removed.
   *
   * @param selected the parameters that will be pruned
   * @throws IllegalArgumentException if a layer with one of them has a constraint that does not
   *     preserve zeros
   */
  public void checkConstraintsKeepZeros(List<PrunableParameter> selected) {
    for (Network.Part part : network.network().parts()) {
      List<PrunableParameter> own =
          selected.stream().filter(p -> p.layer().equals(part.name())).toList();
      if (!own.isEmpty()) {
        new ConstraintTrial(part, network.network().parameters().dataType()).check(own);
      }
    }
  }
}
