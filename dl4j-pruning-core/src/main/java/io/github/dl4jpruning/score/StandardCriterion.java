package io.github.dl4jpruning.score;

import java.util.Arrays;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** The criteria without parameters. See the factories of {@link ImportanceCriterion}. */
public enum StandardCriterion implements ImportanceCriterion {
  /** |w|. */
  MAGNITUDE("magnitude") {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      return into(w, i -> Math.abs(w[i]));
    }
  },

  /** |∂L/∂w|. */
  GRADIENT("gradient") {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] g = tensor.gradients();
      return into(g, i -> Math.abs(g[i]));
    }
  },

  /** |w·∂L/∂w|. */
  TAYLOR("taylor") {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] g = tensor.gradients();
      return into(w, i -> Math.abs(w[i] * g[i]));
    }
  },

  /** |w·∂L/∂w| at iteration 0. */
  SNIP("snip") {
    @Override
    public double[] score(WeightTensor tensor) {
      if (tensor.iteration() != 0) {
        throw new IllegalStateException(
            "snip scores a network before training, at iteration 0, but the update is at iteration "
                + tensor.iteration()
                + "; later, taylor has the same formula");
      }
      return TAYLOR.score(tensor);
    }
  },

  /** −Σ w·∂L/∂w. */
  MOVEMENT("movement") {
    @Override
    public double[] score(WeightTensor tensor) {
      return tensor.movement();
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.MOVEMENT);
    }
  },

  /** |w| − |w₀|. */
  MAGNITUDE_INCREASE("magnitudeIncrease") {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] first = tensor.initialWeights();
      return into(w, i -> Math.abs(w[i]) - Math.abs(first[i]));
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.INITIAL_WEIGHTS);
    }
  },

  /** w²·E[g²]. */
  FISHER("fisher") {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] squares = tensor.squaredGradients();
      return into(w, i -> w[i] * w[i] * squares[i]);
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.SQUARED_GRADIENTS);
    }
  },

  /** |w|·√E[x²]. */
  ACTIVATION("activation") {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] squares = tensor.squaredInputs();
      return into(w, i -> Math.abs(w[i]) * Math.sqrt(squares[i]));
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.SQUARED_INPUTS);
    }
  },

  /** The rank of |w|·√E[x²] within the weights of an output. */
  ACTIVATION_PER_OUTPUT("activationPerOutput") {
    @Override
    public double[] score(WeightTensor tensor) {
      return OutputRanks.of(tensor.parameter().layout(), ACTIVATION.score(tensor));
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.SQUARED_INPUTS);
    }
  };

  private final String title;

  StandardCriterion(String title) {
    this.title = title;
  }

  private static double[] into(double[] target, IntToDoubleFunction score) {
    Arrays.parallelSetAll(target, score);
    return target;
  }

  @Override
  public String toString() {
    return title;
  }
}
