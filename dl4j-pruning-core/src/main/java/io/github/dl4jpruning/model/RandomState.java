package io.github.dl4jpruning.model;

import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The state of this thread's ND4J random generator, which dropout uses.
 *
 * @param root first half
 * @param node second half
 */
public record RandomState(long root, long node) {

  /**
   * Reads the present state.
   *
   * @return the state
   */
  public static RandomState now() {
    Random random = Nd4j.getRandom();
    return new RandomState(random.rootState(), random.nodeState());
  }

  /** Sets the generator to this state. */
  public void restore() {
    Nd4j.getRandom().setStates(root, node);
  }
}
