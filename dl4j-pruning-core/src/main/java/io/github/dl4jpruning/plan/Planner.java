package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Makes the masks of one network. A planner has no side effects: the same input gives the same
 * masks.
 */
public sealed interface Planner permits TensorPlanner, CoupledPlanner {

  /**
   * Makes the planner that a pattern needs: one for single tensors, or one for channels that span
   * several tensors.
   *
   * @param choices what is pruned
   * @param network the network
   * @return the planner
   * @throws IllegalArgumentException if the choices do not fit the network
   */
  static Planner of(PruningChoices choices, NetworkParameters network) {
    return choices.pattern().coupled()
        ? CoupledPlanner.of(choices, network)
        : new TensorPlanner(
            choices, choices.parameters().select(network.parameters(), network.layers()));
  }

  /**
   * Returns the parameters that have masks.
   *
   * @return at least one parameter, by rising offset
   */
  List<PrunableParameter> selected();

  /**
   * Makes new masks.
   *
   * @param tensors the selected tensors, by rising offset
   * @param due the due sparsity; empty to keep the number of weights
   * @param iteration the iteration of the schedule
   * @return one mask for each tensor
   * @throws IllegalArgumentException if the sparsity cannot be distributed over the tensors
   * @throws IllegalStateException if a criterion does not return one finite score for each weight
   */
  List<Mask> plan(List<TensorView> tensors, Optional<Due> due, int iteration);

  /**
   * Returns the sparsity of masks, in the unit that the schedule uses: weights or channels.
   *
   * @param masks one mask for each selected tensor
   * @return removed units / all units, in [0, 1]
   */
  double sparsity(List<Mask> masks);

  /**
   * Refuses masks that were made for other parameters.
   *
   * @param masks the masks
   * @throws IllegalArgumentException if there is not exactly one mask of the right length for each
   *     selected parameter
   */
  default void checkFit(List<Mask> masks) {
    List<Integer> expected = selected().stream().map(PrunableParameter::length).toList();
    List<Integer> found = masks.stream().map(Mask::length).toList();
    if (!found.equals(expected)) {
      throw new IllegalArgumentException(
          "expected masks of the lengths "
              + expected
              + ", one for each selected parameter, but found "
              + found);
    }
  }

  /**
   * Makes masks that remove the zeros of a network and everything that is already removed. A tensor
   * that would lose all weights counts as not yet trained: its mask stays, with a warning.
   *
   * @param network the network
   * @param masks the current masks
   * @return masks that this pattern allows
   */
  default List<Mask> masksOfZeros(NetworkParameters network, List<Mask> masks) {
    List<Mask> zeros = new ArrayList<>();
    for (int p = 0; p < masks.size(); p++) {
      PrunableParameter parameter = selected().get(p);
      Mask mask = masks.get(p);
      double[] values = network.values(parameter);
      boolean[] kept = new boolean[values.length];
      boolean any = false;
      for (int i = 0; i < kept.length; i++) {
        kept[i] = values[i] != 0.0 && mask.isKept(i);
        any |= kept[i];
      }
      boolean trained = any || mayBeZero(parameter);
      if (!trained) {
        LoggerFactory.getLogger(Planner.class)
            .warn(
                "All {} weights of {} are zero: treating it as not yet trained, and none of its"
                    + " weights as removed.",
                kept.length,
                parameter.name());
      }
      zeros.add(trained ? Mask.of(kept) : mask);
    }
    return adopted(zeros);
  }

  /**
   * Turns masks of zeros into masks that this pattern allows.
   *
   * @param zeros one mask for each selected tensor, with zeros removed
   * @return the masks to hold
   */
  default List<Mask> adopted(List<Mask> zeros) {
    return zeros;
  }

  /**
   * Returns whether all elements of a parameter may be zero in a trained network.
   *
   * @param parameter a selected parameter
   * @return true for biases, for instance
   */
  default boolean mayBeZero(PrunableParameter parameter) {
    return false;
  }
}
