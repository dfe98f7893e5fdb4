package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.api.Model;
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
  private final INDArray updaterState;

  private final int iteration;
  private final int epoch;

  private NetworkSnapshot(INDArray parameters, INDArray updaterState, int iteration, int epoch) {
    this.parameters = parameters;
    this.updaterState = updaterState;
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
      INDArray state = stateOf(network);
      return new NetworkSnapshot(
          network.parameters().dup(),
          state == null ? null : state.dup(),
          network.iteration(),
          network.epoch());
    }
  }

  private static INDArray stateOf(Network network) {
    INDArray state = network.updater() == null ? null : network.updater().getStateViewArray();
    return state == null || state.isEmpty() ? null : state;
  }

  private static long length(INDArray array) {
    return array == null ? 0 : array.length();
  }

  /**
   * Whether a network has as many parameters and values of updater state.
   *
   * @param model a network
   * @return true if this can be restored to it
   */
  public boolean fits(Model model) {
    return model.numParams() == parameters.length()
        && length(stateOf(Network.of(model))) == length(updaterState);
  }

  /**
   * Puts everything back.
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
              + " values of updater state, but found "
              + model.numParams()
              + " and "
              + length(stateOf(Network.of(model))));
    }
    Network network = Network.of(model);
    INDArray state = stateOf(network);
    network.parameters().assign(parameters);
    if (updaterState != null) {
      state.assign(updaterState);
    }
    network.setCounts(iteration, epoch);
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
