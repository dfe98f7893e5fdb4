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
 * Finds the state of a network's updater (momentum, squared gradients) by the parameter that it
 * belongs to, and knows what it started with.
 *
 * <p>What an updater starts with is found by asking it: a new one of the same configuration is made
 * for two parameters, and given a gradient of zero. So an updater that a user wrote is treated as
 * rightly as Adam. Views of the state are never kept: DL4J replaces them when an updater is loaded
 * or a learning rate is set.
 */
final class UpdaterState {

  /**
   * One array of state for a run of parameters.
   *
   * @param from flat index of the first parameter
   * @param to flat index behind the last one
   * @param values the state: element i belongs to parameter {@code from + i}
   * @param start what the updater started with
   */
  record Slot(long from, long to, FlatValues values, Start start) {

    /**
     * Puts the state of some parameters back to its start, as far as it stands in this slot: DL4J's
     * blocks may end inside a tensor, since it counts some convolutions with their bias last and
     * stores them with their bias first.
     *
     * @param offset flat index of the parameter that is the mask's first entry
     * @param entries the entries that are meant: those that this mask keeps
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
   * How a state begins.
   *
   * @param value what the updater writes before the first step
   * @param drifts whether it leaves that value although the gradient is zero, as the moving average
   *     of RmsProp does
   */
  record Start(double value, boolean drifts) {}

  private final Network network;

  /**
   * What an updater does at first.
   *
   * @param states how each of its states begins, by name
   * @param keepsZeros whether its update for a gradient of zero is zero. In HALF some updaters
   *     divide zero by an epsilon that has become zero, and give NaN
   */
  record Beginning(Map<String, Start> states, boolean keepsZeros) {}

  /** By configuration, so that an ordinary step does not ask again. */
  private final IdentityHashMap<IUpdater, Beginning> beginnings = new IdentityHashMap<>();

  UpdaterState(Network network) {
    this.network = network;
  }

  /** The state of every parameter, as it stands now; none for updaters without state. */
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

  /** Whether a weight that is zero, and whose gradient is, is zero after a step as well. */
  boolean keepsZeros() {
    BaseMultiLayerUpdater<?> updater = network.updater();
    return updater == null
        || updater.getUpdaterBlocks().stream()
            .allMatch(block -> beginning(block.getGradientUpdater()).keepsZeros());
  }

  private Beginning beginning(GradientUpdater<?> updater) {
    return beginnings.computeIfAbsent(updater.getConfig(), this::ask);
  }

  /** Configurations may have changed since the last mask update. */
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
