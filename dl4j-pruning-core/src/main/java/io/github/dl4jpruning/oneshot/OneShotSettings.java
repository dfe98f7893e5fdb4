package io.github.dl4jpruning.oneshot;

import io.github.dl4jpruning.plan.PruningChoices;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The choices of a {@link OneShotPruner}. */
record OneShotSettings(
    double sparsity,
    Ranking ranking,
    PruningChoices choices,
    boolean compensate,
    boolean recalibrate,
    double damping,
    List<OneShotListener> listeners,
    BooleanSupplier cancelled) {

  OneShotSettings {
    listeners = List.copyOf(listeners);
    if (!(sparsity >= 0 && sparsity < 1)) {
      throw new IllegalArgumentException("sparsity must be in [0, 1), but is " + sparsity);
    }
    if (!(damping >= 0 && Double.isFinite(damping))) {
      throw new IllegalArgumentException(
          "damping must be a finite number of 0 or more, but is " + damping);
    }
    if (ranking == Ranking.CRITERION
        && !UntrainedTensors.KNOWN.containsAll(choices.criterion().remembers())) {
      throw new IllegalArgumentException(
          "criterion must be one that needs no steps of training, but is " + choices.criterion());
    }
  }
}
