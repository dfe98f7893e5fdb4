package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A copy of everything that training changes in a network: parameters, updater state, and the
 * counts of iterations and epochs. Restoring it is bit-exact.
 */
public final class NetworkSnapshot {

  private final INDArray parameters;

  /** Null if the updater has no state. */
  private final @Nullable INDArray updaterState;

  private final UpdaterLayout layout;
  private final int iteration;
  private final int epoch;

  private NetworkSnapshot(
      INDArray parameters,
      @Nullable INDArray updaterState,
      UpdaterLayout layout,
      int iteration,
      int epoch) {
    this.parameters = parameters;
    this.updaterState = updaterState;
    this.layout = layout;
    this.iteration = iteration;
    this.epoch = epoch;
  }

  /**
   * Takes a copy.
   *
   * @param model an initialised network
   * @return the copy
   */
  public static NetworkSnapshot of(Model model) {
    Network network = Network.of(model);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray state = network.updaterState();
      return new NetworkSnapshot(
          network.parameters().dup(),
          state == null ? null : state.dup(),
          UpdaterLayout.of(network.updater()),
          network.iteration(),
          network.epoch());
    }
  }

  private static long length(@Nullable INDArray array) {
    return array == null ? 0 : array.length();
  }

  /**
   * Returns whether a network has the same number of parameters, and the same kind of updater state
   * for each.
   *
   * @param model a network
   * @return true if this snapshot can be restored to it
   */
  public boolean fits(Model model) {
    Network network = Network.of(model);
    return network.count() == parameters.length()
        && length(network.updaterState()) == length(updaterState)
        && layout.covers(UpdaterLayout.of(network.updater()));
  }

  /**
   * Restores everything. Updater state is copied parameter by parameter, since its layout may
   * differ.
   *
   * @param model a network with the same configuration as the copied one
   * @throws IllegalArgumentException if it has a different number of parameters or different
   *     updater state; nothing is changed then
   */
  public void restoreTo(Model model) {
    if (!fits(model)) {
      throw new IllegalArgumentException(
          "expected a network with "
              + parameters.length()
              + " parameters and "
              + length(updaterState)
              + " values of updater state, of the same updaters, but found "
              + Network.of(model).count()
              + " and "
              + length(Network.of(model).updaterState()));
    }
    Network network = Network.of(model);
    network.parameters().assign(parameters);
    INDArray state = network.updaterState();
    if (updaterState != null && state != null) { // both or neither are null
      restoreState(network, updaterState, state);
    }
    network.setCounts(iteration, epoch);
  }

  private void restoreState(Network network, INDArray saved, INDArray state) {
    UpdaterLayout other = UpdaterLayout.of(network.updater());
    if (layout.equals(other)) {
      state.assign(saved);
    } else {
      layout.copy(
          FlatValues.of(saved),
          KeptEntries.all((int) network.count()),
          other,
          FlatValues.toWrite(state));
    }
  }

  /**
   * Restores the parameters only.
   *
   * @param model a network with the same number of parameters
   */
  public void copyParametersTo(Model model) {
    model.params().assign(parameters);
  }

  /**
   * Returns the copied count of iterations.
   *
   * @return the number of finished iterations
   */
  public int iteration() {
    return iteration;
  }

  /**
   * Returns the copied count of epochs.
   *
   * @return the number of finished epochs
   */
  public int epoch() {
    return epoch;
  }
}
