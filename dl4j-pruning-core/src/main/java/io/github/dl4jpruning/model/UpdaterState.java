package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Finds the state of a network's updater (momentum, squared gradients) for each parameter, and its
 * initial value.
 *
 * <p>The initial state is found by experiment: a new updater with the same configuration is created
 * for two parameters and given a gradient of zero. So user-written updaters are handled as
 * correctly as Adam. Views of the state are never kept: DL4J replaces them when an updater is
 * loaded or a learning rate is set.
 */
final class UpdaterState {

  /**
   * One array of state for a range of parameters.
   *
   * @param from flat index of the first parameter
   * @param to flat index after the last parameter
   * @param values the state: element i belongs to parameter {@code from + i}
   * @param start the initial value of the state
   */
  record Slot(long from, long to, FlatValues values, Start start) {

    /**
     * Resets the state of some parameters to its initial value, as far as it is in this slot.
     * DL4J's blocks may end inside a tensor: for some convolutions, DL4J counts the bias last but
     * stores it first.
     *
     * @param offset flat index of the parameter that is the mask's first entry
     * @param entries the affected entries: those that this mask keeps
     */
    void reset(long offset, Mask entries) {
      if (offset >= from && offset + entries.length() <= to) {
        values.put(offset - from, entries, start.value());
        return;
      }
      long first = Math.max(from, offset);
      long end = Math.min(to, offset + entries.length());
      for (long i = first; i < end; i++) {
        if (entries.isKept((int) (i - offset))) {
          values.putWord(i - from, 1L, start.value());
        }
      }
    }
  }

  /**
   * The initial value of a state.
   *
   * @param value the value that the updater writes before the first step
   * @param drifts whether the state leaves that value even if the gradient is zero, as the moving
   *     average of RmsProp does
   */
  record Start(double value, boolean drifts) {}

  private final Network network;

  /**
   * The behaviour of a new updater.
   *
   * @param states the initial value of each state, by name
   * @param keepsZeros whether its update for a gradient of zero is zero. In HALF, some updaters
   *     divide zero by an epsilon that was rounded to zero, which gives NaN
   */
  record Beginning(Map<String, Start> states, boolean keepsZeros) {}

  /** Cached by configuration, so that an ordinary step does not repeat the experiment. */
  private final IdentityHashMap<IUpdater, Beginning> beginnings = new IdentityHashMap<>();

  UpdaterState(Network network) {
    this.network = network;
  }

  /** Returns the present state of all parameters; empty for updaters without state. */
  List<Slot> slots() {
    List<Slot> slots = new ArrayList<>();
    BaseMultiLayerUpdater<?> updater = network.updater();
    if (updater != null) {
      for (UpdaterBlock block : updater.getUpdaterBlocks()) {
        GradientUpdater<?> own = block.getGradientUpdater();
        Map<String, INDArray> arrays = own.getState();
        if (!arrays.isEmpty()) {
          Map<String, Start> start = beginning(own).states();
          arrays.forEach(
              (name, array) ->
                  slots.add(
                      new Slot(
                          block.getParamOffsetStart(),
                          block.getParamOffsetEnd(),
                          FlatValues.toWrite(array),
                          begun(start, name))));
        }
      }
    }
    return slots;
  }

  private static <T> T begun(Map<String, T> states, String name) {
    return Objects.requireNonNull(
        states.get(name), "an updater has the same states whenever it is made");
  }

  /** Returns whether a zero weight with a zero gradient is still zero after a step. */
  boolean keepsZeros() {
    BaseMultiLayerUpdater<?> updater = network.updater();
    return updater == null
        || updater.getUpdaterBlocks().stream()
            .allMatch(block -> beginning(block.getGradientUpdater()).keepsZeros());
  }

  private Beginning beginning(GradientUpdater<?> updater) {
    return beginnings.computeIfAbsent(updater.getConfig(), this::ask);
  }

  /** Clears the cache, since configurations may have changed since the last mask update. */
  void forgetBeginnings() {
    beginnings.clear();
  }

  private Beginning ask(IUpdater config) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      DataType type = network.parameters().dataType();
      int parameters = 2;
      long size = config.stateSize(parameters);
      INDArray view = size == 0 ? null : Nd4j.zeros(type, 1, size);
      GradientUpdater<?> fresh = config.instantiate(view, true);
      Map<String, Double> initial = new HashMap<>();
      fresh.getState().forEach((name, array) -> initial.put(name, FlatValues.of(array).get(0)));
      INDArray gradient = Nd4j.zeros(type, 1, parameters);
      fresh.applyUpdater(gradient, 0, 0);
      Map<String, Start> states = new HashMap<>();
      fresh
          .getState()
          .forEach(
              (name, array) -> {
                double value = begun(initial, name);
                states.put(name, new Start(value, FlatValues.of(array).get(0) != value));
              });
      return new Beginning(states, FlatValues.of(gradient).get(0) == 0.0);
    }
  }
}
