package io.github.dl4jpruning;

import io.github.dl4jpruning.io.PruningState.Origin;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Hears what a {@link PruningListener} does, for logs, charts and programs. Called by the thread
 * that trains, between two steps of DL4J; an exception that it throws is logged, and training goes
 * on.
 */
public interface PruningEventListener {

  /**
   * Masks have changed.
   *
   * @param event what changed
   */
  default void onMasksUpdated(MasksUpdated event) {}

  /**
   * The schedule's highest sparsity is in force, for the first time. Not called for a schedule that
   * does not tell how far it goes.
   *
   * @param event where
   */
  default void onTargetReached(TargetReached event) {}

  /**
   * Training is over: {@link PruningListener#finish} was called.
   *
   * @param event where it ended
   */
  default void onFinished(Finished event) {}

  /**
   * Masks have changed.
   *
   * @param iteration DL4J's iteration, 0-based
   * @param epoch DL4J's epoch, 0-based
   * @param scheduled the schedule's value that the masks are for
   * @param sparsity the fraction of the selected weights that they remove
   * @param removed how many weights went
   * @param returned how many weights came back
   * @param tensors the masks, tensor by tensor
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

    /** The event of a change from some masks to others, one for each selected parameter. */
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
     * The fraction of weights that is removed.
     *
     * @return 1 − kept / weights
     */
    public double sparsity() {
      return (double) (weights - kept) / weights;
    }
  }

  /**
   * The schedule's highest sparsity is in force.
   *
   * @param iteration DL4J's iteration, 0-based
   * @param epoch DL4J's epoch, 0-based
   * @param target the schedule's highest sparsity
   * @param sparsity the fraction of the selected weights that the masks remove
   */
  record TargetReached(int iteration, int epoch, double target, double sparsity) {}

  /**
   * Training is over.
   *
   * @param iterations how many iterations DL4J has counted
   * @param epochs how many epochs DL4J has counted
   * @param sparsity the fraction of the selected weights that the masks remove
   * @param target the schedule's highest sparsity, if it is known
   * @param targetReached whether it was ever in force; true where it is not known
   */
  record Finished(
      int iterations, int epochs, double sparsity, OptionalDouble target, boolean targetReached) {}
}
