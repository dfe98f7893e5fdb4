package io.github.dl4jpruning;

import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is remembered between updates for a criterion that asks for it, and for no other. */
final class CriterionMemory {

  private final ImportanceCriterion criterion;
  private final NetworkParameters network;
  private final List<PrunableParameter> selected;

  /** Empty if not remembered. */
  private final List<double[]> initialWeights = new ArrayList<>();

  private final List<double[]> movement = new ArrayList<>();

  CriterionMemory(
      ImportanceCriterion criterion, NetworkParameters network, List<PrunableParameter> selected) {
    this.criterion = criterion;
    this.network = network;
    this.selected = selected;
    if (criterion.remembers().contains(Memory.INITIAL_WEIGHTS)) {
      selected.forEach(parameter -> initialWeights.add(network.values(parameter)));
    }
    if (criterion.remembers().contains(Memory.MOVEMENT)) {
      selected.forEach(parameter -> movement.add(new double[parameter.length()]));
    }
  }

  /** Called at every iteration, with the raw gradient at hand. */
  void observe() {
    for (int p = 0; p < movement.size(); p++) {
      network.subtractWeightTimesGradient(selected.get(p), movement.get(p));
    }
  }

  /** Called when masks have been made. */
  void updateDone() {
    movement.forEach(sums -> Arrays.fill(sums, 0.0));
  }

  /** What the criterion sees of a tensor. */
  WeightTensor tensor(int index, int iteration) {
    PrunableParameter parameter = selected.get(index);
    return new WeightTensor(
        parameter,
        iteration,
        () -> network.finiteValues(parameter),
        () -> network.finiteGradients(parameter),
        () -> remembered(Memory.INITIAL_WEIGHTS, initialWeights, index),
        () -> remembered(Memory.MOVEMENT, movement, index));
  }

  private double[] remembered(Memory what, List<double[]> memory, int index) {
    if (memory.isEmpty()) {
      throw new IllegalStateException(
          "the criterion "
              + criterion
              + " asks for "
              + what
              + ", but its remembers() does not name it");
    }
    return memory.get(index).clone();
  }

  double[] initialWeights(int index) {
    return initialWeights.isEmpty() ? new double[0] : initialWeights.get(index).clone();
  }

  double[] movement(int index) {
    return movement.isEmpty() ? new double[0] : movement.get(index).clone();
  }

  /** Whether a state has what is remembered here, and no more. */
  boolean fits(TensorState state, int index) {
    return state.initialWeights().length == initialWeights(index).length
        && state.movement().length == movement(index).length;
  }

  /** Takes what a state of another configuration has, as far as it is remembered here. */
  void restoreIfFits(TensorState state, int index) {
    if (!initialWeights.isEmpty()
        && state.initialWeights().length == initialWeights.get(index).length) {
      initialWeights.set(index, state.initialWeights().clone());
    }
    if (!movement.isEmpty() && state.movement().length == movement.get(index).length) {
      movement.set(index, state.movement().clone());
    }
  }

  void restore(List<TensorState> states) {
    for (int p = 0; p < initialWeights.size(); p++) {
      initialWeights.set(p, states.get(p).initialWeights().clone());
    }
    for (int p = 0; p < movement.size(); p++) {
      movement.set(p, states.get(p).movement().clone());
    }
  }
}
