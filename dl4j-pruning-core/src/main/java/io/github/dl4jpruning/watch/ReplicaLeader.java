package io.github.dl4jpruning.watch;

import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * A listener that calls a {@link NetworkPruner} for several replicas of one network. It stands in
 * the listener list of the network instead of the pruner.
 */
public interface ReplicaLeader extends TrainingListener {

  /**
   * Whether this listener calls a pruner.
   *
   * @param listener any listener
   * @return true if it is the pruner of the original network
   */
  boolean leads(TrainingListener listener);
}
