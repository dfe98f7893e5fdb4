package io.github.dl4jpruning.watch;

import io.github.dl4jpruning.model.NetworkParameters;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a warning, once, if a network has diverged. */
public final class DivergenceWatch {

  private static final Logger log = LoggerFactory.getLogger(DivergenceWatch.class);

  private final NetworkParameters network;
  private boolean said;

  /**
   * Creates a watch for a network.
   *
   * @param network the network
   */
  public DivergenceWatch(NetworkParameters network) {
    this.network = network;
  }

  /**
   * Checks DL4J's score, and the weights if asked. DL4J's losses replace some NaN, so the score
   * alone is not reliable. Checking the weights takes a pass over all of them.
   *
   * @param iteration the iteration, for the warning
   * @param atWeights whether to check the weights too
   */
  public void look(int iteration, boolean atWeights) {
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
