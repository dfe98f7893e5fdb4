package io.github.dl4jpruning.io;

import io.github.dl4jpruning.mask.Mask;
import java.util.List;

/**
 * What a pruning run has to remember to go on. Position and seeds are not in it: the position is
 * DL4J's own iteration count, and what is random depends on seed, name and iteration alone.
 *
 * @param recipe the configuration as text, to be compared
 * @param scheduled the schedule's value that the masks were made for
 * @param origin where the schedule counts from
 * @param tensors one entry per selected parameter, by rising offset
 */
public record PruningState(
    String recipe, double scheduled, Origin origin, List<TensorState> tensors) {

  /** Copies the list. */
  public PruningState {
    tensors = List.copyOf(tensors);
  }

  /**
   * The point of a training that a schedule calls 0.
   *
   * @param iteration DL4J's iteration
   * @param epoch DL4J's epoch
   */
  public record Origin(int iteration, int epoch) {
    /** The start of training. */
    public static final Origin START = new Origin(0, 0);
  }

  /**
   * The same state with other tensors.
   *
   * @param others one entry per selected parameter, by rising offset
   * @return the state
   */
  public PruningState with(List<TensorState> others) {
    return new PruningState(recipe, scheduled, origin, others);
  }

  /**
   * What belongs to one tensor.
   *
   * @param name layer and key
   * @param shape its shape, in DL4J's layout
   * @param mask what is kept
   * @param initialWeights as remembered for the criterion; empty if not remembered
   * @param movement as remembered for the criterion; empty if not remembered
   */
  @SuppressWarnings("ArrayRecordComponent") // written and read, never compared
  public record TensorState(
      String name, List<Long> shape, Mask mask, double[] initialWeights, double[] movement) {}
}
