package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A copy of all that training changes in a network: parameters, updater state, and the counts of
 * iterations and epochs. A network that it is restored to has the same bits as when it was taken.
 */
public final class NetworkSnapshot {

  private final INDArray parameters;

  /** Null for an updater without state. */
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
   * Whether a network has as many parameters, and updater state of the same kind for each.
   *
   * @param model a network
   * @return true if this can be restored to it
   */
  public boolean fits(Model model) {
    Network network = Network.of(model);
    return network.count() == parameters.length()
        && length(network.updaterState()) == length(updaterState)
        && layout.covers(UpdaterLayout.of(network.updater()));
  }

  /**
   * Puts everything back. Updater state goes by parameter, since its layout may be another one.
   *
   * @param model a network with the configuration of the one that was copied
   * @throws IllegalArgumentException if it has another number of parameters or another updater
   *     state; nothing is changed then
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
    if (updaterState != null && state != null) { // both, or none of them
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
   * Puts the parameters back, and nothing else.
   *
   * @param model a network with as many parameters
   */
  public void copyParametersTo(Model model) {
    model.params().assign(parameters);
  }

  /**
   * The count of iterations that was copied.
   *
   * @return iterations made
   */
  public int iteration() {
    return iteration;
  }

  /**
   * The count of epochs that was copied.
   *
   * @return epochs made
   */
  public int epoch() {
    return epoch;
  }
}
