package io.github.dl4jpruning;

import io.github.dl4jpruning.io.PruningState.Origin;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A listener for the events of a {@link PruningListener}, for logs, charts and programs. It is
 * called by the training thread, between two training steps. If it throws an exception, the
 * exception is logged and training continues.
 */
public interface PruningEventListener {

  /**
   * Called when masks have changed.
   *
   * @param event what changed
   */
  default void onMasksUpdated(MasksUpdated event) {}

  /**
   * Called when the masks reach the schedule's highest sparsity for the first time. Not called for
   * a schedule whose highest sparsity is unknown.
   *
   * @param event where it was reached
   */
  default void onTargetReached(TargetReached event) {}

  /**
   * Called at the end of training, by {@link PruningListener#finish}.
   *
   * @param event where it ended
   */
  default void onFinished(Finished event) {}

  /**
   * A change of the masks.
   *
   * @param iteration DL4J's iteration, 0-based
   * @param epoch DL4J's epoch, 0-based
   * @param scheduled the value of the schedule that the masks were made for
   * @param sparsity the fraction of the selected weights that the masks remove
   * @param removed how many weights were removed by this change
   * @param returned how many weights returned by this change
   * @param tensors the mask of each tensor
   */
  record MasksUpdated(
      int iteration,
      int epoch,
      double scheduled,
      double sparsity,
      long removed,
      long returned,
      List<TensorMask> tensors) {

    /** Copies the list. */
    public MasksUpdated {
      tensors = List.copyOf(tensors);
    }

    /**
     * Compares the masks before and after a change; both lists have one mask per selected
     * parameter.
     */
    static MasksUpdated between(
        List<PrunableParameter> selected,
        List<Mask> before,
        List<Mask> after,
        Origin at,
        double scheduled,
        double sparsity) {
      long removed = 0;
      long returned = 0;
      List<TensorMask> tensors = new ArrayList<>();
      for (int p = 0; p < selected.size(); p++) {
        Mask now = after.get(p);
        removed += before.get(p).minus(now).kept();
        returned += now.minus(before.get(p)).kept();
        tensors.add(new TensorMask(selected.get(p).name(), now.length(), now.kept()));
      }
      return new MasksUpdated(
          at.iteration(), at.epoch(), scheduled, sparsity, removed, returned, tensors);
    }
  }

  /**
   * The mask of one tensor.
   *
   * @param name layer and key, for instance {@code output.W}
   * @param weights number of weights
   * @param kept how many of them the mask keeps
   */
  record TensorMask(String name, int weights, int kept) {

    /**
     * Returns the fraction of weights that are removed.
     *
     * @return 1 − kept / weights
     */
    public double sparsity() {
      return (double) (weights - kept) / weights;
    }
  }

  /**
   * The first time that the masks have the schedule's highest sparsity.
   *
   * @param iteration DL4J's iteration, 0-based
   * @param epoch DL4J's epoch, 0-based
   * @param target the schedule's highest sparsity
   * @param sparsity the fraction of the selected weights that the masks remove
   */
  record TargetReached(int iteration, int epoch, double target, double sparsity) {}

  /**
   * The end of training.
   *
   * @param iterations how many iterations DL4J has counted
   * @param epochs how many epochs DL4J has counted
   * @param sparsity the fraction of the selected weights that the masks remove
   * @param target the schedule's highest sparsity, if it is known
   * @param targetReached whether the masks ever had the target sparsity; true if the target is
   *     unknown
   */
  record Finished(
      int iterations, int epochs, double sparsity, OptionalDouble target, boolean targetReached) {}
}
