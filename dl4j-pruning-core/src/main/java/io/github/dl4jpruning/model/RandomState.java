package io.github.dl4jpruning.model;

import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The states of ND4J's random generator of this thread, from which dropout draws.
 *
 * @param root first half
 * @param node second half
 */
public record RandomState(long root, long node) {

  /**
   * Reads it.
   *
   * @return the state now
   */
  public static RandomState now() {
    Random random = Nd4j.getRandom();
    return new RandomState(random.rootState(), random.nodeState());
  }

  /** Puts it in force. */
  public void restore() {
    Nd4j.getRandom().setStates(root, node);
  }
}
