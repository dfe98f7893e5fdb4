package io.github.dl4jpruning.io;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import java.util.List;
import java.util.Map;

/**
 * The state that a pruning run needs to resume. It holds no position or seeds: the position is
 * DL4J's own iteration count, and random choices depend only on seed, name and iteration.
 *
 * @param recipe the configuration as text, for comparison
 * @param scheduled the schedule's value for which the masks were made
 * @param origin the point from which the schedule counts
 * @param tensors one entry per selected parameter, in order of offset
 */
public record PruningState(
    String recipe, double scheduled, Origin origin, List<TensorState> tensors) {

  /** Copies the list. */
  public PruningState {
    tensors = List.copyOf(tensors);
  }

  /**
   * The point in training that a schedule calls 0.
   *
   * @param iteration DL4J's iteration
   * @param epoch DL4J's epoch
   */
  public record Origin(int iteration, int epoch) {
    /** The start of training. */
    public static final Origin START = new Origin(0, 0);
  }

  /**
   * Returns this state with other tensors.
   *
   * @param others one entry per selected parameter, in order of offset
   * @return the state
   */
  public PruningState with(List<TensorState> others) {
    return new PruningState(recipe, scheduled, origin, others);
  }

  /**
   * The state of one tensor.
   *
   * @param name layer and key
   * @param shape its shape, in DL4J's layout
   * @param mask the mask
   * @param remembered what is remembered for the criterion, an element per weight; without what is
   *     not remembered
   */
  public record TensorState(
      String name, List<Long> shape, Mask mask, Map<Memory, double[]> remembered) {
    /** Copies the list and the map. */
    public TensorState {
      shape = List.copyOf(shape);
      remembered = Map.copyOf(remembered);
    }
  }
}
