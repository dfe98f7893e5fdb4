package io.github.dl4jpruning.watch;

import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * A listener that calls a {@link NetworkPruner} for several replicas of one network. It replaces
 * the pruner in the listener list of the network.
 */
public interface ReplicaLeader extends TrainingListener {

  /**
   * Returns whether this listener calls a pruner.
   *
   * @param listener any listener
   * @return true if it is the pruner of the original network
   */
  boolean leads(TrainingListener listener);
}
