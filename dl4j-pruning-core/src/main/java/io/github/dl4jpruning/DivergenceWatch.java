package io.github.dl4jpruning;

import io.github.dl4jpruning.model.NetworkParameters;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of a network that has diverged, once. */
final class DivergenceWatch {

  private static final Logger log = LoggerFactory.getLogger(PruningListener.class);

  private final NetworkParameters network;
  private boolean said;

  DivergenceWatch(NetworkParameters network) {
    this.network = network;
  }

  /**
   * The score tells at once, but not always: DL4J's losses replace some NaN. So the weights are
   * looked at as well, now and then, since that takes a pass over all of them.
   */
  void look(int iteration, boolean atWeights) {
    if (said) {
      return;
    }
    boolean scoreIsFine = Double.isFinite(network.score());
    if (scoreIsFine && !(atWeights && network.weightsAreSuspect())) {
      return;
    }
    Optional<String> where = network.firstNotFinite();
    if (!scoreIsFine || where.isPresent()) {
      said = true;
      log.warn(
          "The network has diverged: at iteration {} its score is {}{}.",
          iteration,
          network.score(),
          where.map(sentence -> "; " + sentence).orElse(""));
    }
  }
}
