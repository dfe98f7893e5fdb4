package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;

/**
 * What a network must be like to be pruned while it trains.
 *
 * @param network the network
 */
public record TrainingRequirements(NetworkParameters network) {

  /**
   * Checks that masks reach this network while it trains: solvers with a line search keep a copy of
   * the parameters of their own and write it back.
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
   *     segment is one, and batches of different length have different numbers of them
   */
  public void checkOneIterationPerBatch() {
    if (network.network().truncates()) {
      throw new IllegalArgumentException(
          "expected a network whose replicas make one iteration for each batch, but its"
              + " backpropagation through time is truncated, which makes one for each segment");
    }
  }

  /**
   * Checks that a copy of the network that DL4J makes has its updater's state in the same places:
   * whoever trains replicas copies and averages it as it lies.
   *
   * @throws IllegalArgumentException if it may not, or the network cannot be copied in this way
   */
  public void checkCopiesKeepUpdaterState() {
    boolean state = NetworkStore.hasUpdaterState(network.model());
    if (state && !SavedConfiguration.of(network.model(), 0, 0).keepsUpdaterLayout()) {
      throw new IllegalArgumentException(
          "expected updaters that are equal to their copies, since replicas copy and average their"
              + " state as it lies, but one is not (has a schedule of the learning rate no"
              + " equals?)");
    }
  }

  /**
   * Checks that DL4J's constraints, which it applies after a step, leave zeros alone, by trying
   * each of them on an array with zeros. A unit norm, for instance, divides by the norm, which is
   * zero where all weights of a unit are removed.
   *
   * @param selected the parameters that will be pruned
   * @throws IllegalArgumentException if a layer with one of them has a constraint that makes
   *     something else of zeros
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
