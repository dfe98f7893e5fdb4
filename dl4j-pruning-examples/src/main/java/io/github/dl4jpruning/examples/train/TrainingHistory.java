package io.github.dl4jpruning.examples.train;

import java.util.ArrayList;
import java.util.List;

/** The history of a training run, in chronological order. */
public final class TrainingHistory {

  private final List<Epoch> epochs = new ArrayList<>();
  private final List<SparsityChange> changes = new ArrayList<>();

  /**
   * The end of an epoch.
   *
   * @param epoch 1 for the first
   * @param iteration iterations made since the start of training
   * @param loss mean training loss over the epoch
   * @param sparsity fraction of the selected weights that is removed, in [0, 1)
   * @param validationAccuracy fraction of the validation images that are classified correctly, in
   *     [0, 1]
   */
  public record Epoch(
      int epoch, int iteration, double loss, double sparsity, double validationAccuracy) {}

  /**
   * A mask update.
   *
   * @param iteration the iteration, 0-based
   * @param sparsity fraction of the selected weights that is removed from then on
   */
  public record SparsityChange(int iteration, double sparsity) {}

  void add(Epoch epoch) {
    epochs.add(epoch);
  }

  void add(SparsityChange change) {
    changes.add(change);
  }

  /**
   * The epochs.
   *
   * @return one entry per epoch
   */
  public List<Epoch> epochs() {
    return List.copyOf(epochs);
  }

  /**
   * The mask updates.
   *
   * @return one entry per iteration at which the sparsity changed
   */
  public List<SparsityChange> changes() {
    return List.copyOf(changes);
  }

  /**
   * The last epoch.
   *
   * @return the last entry
   */
  public Epoch last() {
    return epochs.get(epochs.size() - 1);
  }
}
