package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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

  /** By configuration, so that an ordinary step does not ask again. */
  private final IdentityHashMap<IUpdater, Map<String, Start>> starts = new IdentityHashMap<>();

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
          Map<String, Start> start = starts.computeIfAbsent(own.getConfig(), this::askForStart);
          arrays.forEach(
              (name, array) ->
                  slots.add(
                      new Slot(
                          block.getParamOffsetStart(),
                          block.getParamOffsetEnd(),
                          FlatValues.of(array),
                          start.get(name))));
        }
      }
    }
    return slots;
  }

  /** Configurations may have changed since the last mask update. */
  void forgetStarts() {
    starts.clear();
  }

  private Map<String, Start> askForStart(IUpdater config) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      DataType type = network.parameters().dataType();
      int parameters = 2;
      INDArray view = Nd4j.zeros(type, 1, config.stateSize(parameters));
      GradientUpdater<?> fresh = config.instantiate(view, true);
      Map<String, Double> initial = new HashMap<>();
      fresh.getState().forEach((name, array) -> initial.put(name, FlatValues.of(array).get(0)));
      fresh.applyUpdater(Nd4j.zeros(type, 1, parameters), 0, 0);
      Map<String, Start> result = new HashMap<>();
      fresh
          .getState()
          .forEach(
              (name, array) -> {
                double value = initial.get(name);
                result.put(name, new Start(value, FlatValues.of(array).get(0) != value));
              });
      return result;
    }
  }
}
