package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.activations.SquaredInputs;
import io.github.dl4jpruning.model.GradientSquares;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One kind of {@link Memory}, for all selected tensors. Their numbers are those in the list. */
sealed interface Recording {

  /**
   * Begins to record.
   *
   * @param memory what is recorded
   * @param network the network
   * @param selected the tensors
   * @throws IllegalArgumentException if it cannot be recorded for one of the tensors
   */
  static Recording of(Memory memory, NetworkParameters network, List<PrunableParameter> selected) {
    return switch (memory) {
      case INITIAL_WEIGHTS -> new InitialWeights(selected.stream().map(network::values).toList());
      case MOVEMENT -> new Movement(network, selected, zeros(selected));
      case SQUARED_GRADIENTS ->
          new SquaredGradients(new GradientSquares(network), selected, zeros(selected));
      case SQUARED_INPUTS ->
          new InputsSeen(
              new SquaredInputs(network, selected.stream().filter(Recording::isWeight).toList()),
              selected);
    };
  }

  private static boolean isWeight(PrunableParameter parameter) {
    return parameter.role() == PrunableParameter.Role.WEIGHT;
  }

  private static List<double[]> zeros(List<PrunableParameter> selected) {
    List<double[]> zeros = new ArrayList<>();
    selected.forEach(parameter -> zeros.add(new double[parameter.length()]));
    return zeros;
  }

  /**
   * Looks at the inputs of the layers, which are still in place.
   *
   * @param iteration DL4J's iteration
   */
  default void backwardPass(int iteration) {}

  /** Looks at the raw gradient. */
  default void gradient() {}

  /** Starts again after masks have been made, if that is how it works. */
  default void updateDone() {}

  /** Throws an IllegalStateException if there is nothing yet that a criterion could look at. */
  default void requireReady() {}

  /** Returns a copy of what is recorded for a tensor. */
  double[] of(int tensor);

  /** Returns whether what is recorded for a tensor is kept here, and so has to be saved. */
  default boolean isKept(int tensor) {
    return true;
  }

  /** Takes over what {@link #of} has returned, of the same length. */
  void restore(int tensor, double[] values);

  /** The weights at the beginning. */
  record InitialWeights(List<double[]> weights) implements Recording {
    public InitialWeights {
      weights = new ArrayList<>(weights);
    }

    @Override
    public double[] of(int tensor) {
      return weights.get(tensor).clone();
    }

    @Override
    public void restore(int tensor, double[] values) {
      weights.set(tensor, values.clone());
    }
  }

  /** −Σ w·g since the last update. */
  record Movement(NetworkParameters network, List<PrunableParameter> selected, List<double[]> sums)
      implements Recording {

    @Override
    public void gradient() {
      for (int p = 0; p < sums.size(); p++) {
        network.subtractWeightTimesGradient(selected.get(p), sums.get(p));
      }
    }

    @Override
    public void updateDone() {
      sums.forEach(values -> Arrays.fill(values, 0.0));
    }

    @Override
    public double[] of(int tensor) {
      return sums.get(tensor).clone();
    }

    @Override
    public void restore(int tensor, double[] values) {
      sums.set(tensor, values.clone());
    }
  }

  /** E[g²]; nothing is recorded for tensors of which the updater keeps it. */
  record SquaredGradients(
      GradientSquares squares, List<PrunableParameter> selected, List<double[]> means)
      implements Recording {

    public SquaredGradients {
      for (int p = 0; p < means.size(); p++) {
        if (squares.isKeptByUpdater(selected.get(p))) {
          means.set(p, new double[0]);
        }
      }
    }

    @Override
    public void gradient() {
      for (int p = 0; p < means.size(); p++) {
        if (isKept(p)) {
          squares.follow(selected.get(p), means.get(p));
        }
      }
    }

    @Override
    public boolean isKept(int tensor) {
      return means.get(tensor).length > 0;
    }

    @Override
    public double[] of(int tensor) {
      return isKept(tensor) ? means.get(tensor).clone() : squares.ofUpdater(selected.get(tensor));
    }

    @Override
    public void restore(int tensor, double[] values) {
      means.set(tensor, values.clone());
    }
  }

  /** E[x²] of the inputs. Channels that go as a whole have biases too, which read no inputs. */
  record InputsSeen(SquaredInputs inputs, List<PrunableParameter> selected) implements Recording {

    /** Looking at each batch would cost more and say little more. */
    private static final int EVERY = 20;

    @Override
    public void backwardPass(int iteration) {
      if (iteration % EVERY == 0 || !inputs.hasSeen()) {
        inputs.observe();
      }
    }

    @Override
    public void requireReady() {
      if (!inputs.hasSeen()) {
        throw new IllegalStateException(
            "expected the inputs of at least one batch, but the listener has seen no backward pass:"
                + " it must be in the network's list of listeners");
      }
    }

    @Override
    public boolean isKept(int tensor) {
      return isWeight(selected.get(tensor));
    }

    @Override
    public double[] of(int tensor) {
      if (!isKept(tensor)) {
        throw new IllegalStateException(
            "expected weights, but " + selected.get(tensor).name() + " reads no inputs");
      }
      return inputs.of(selected.get(tensor));
    }

    @Override
    public void restore(int tensor, double[] values) {
      inputs.restore(selected.get(tensor), values);
    }
  }
}
