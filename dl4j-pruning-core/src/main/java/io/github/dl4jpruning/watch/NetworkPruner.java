package io.github.dl4jpruning.watch;

import io.github.dl4jpruning.recipe.Fingerprint;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;

/** A listener that prunes the network that it is attached to. */
public interface NetworkPruner extends TrainingListener {

  /**
   * Returns whether this listener prunes a network now.
   *
   * @return true from {@code attachTo} until {@code detach}
   */
  boolean isAttached();

  /**
   * Returns whether this listener holds the masks of a network.
   *
   * @param network any network
   * @return true if so
   */
  boolean isAttachedTo(Model network);

  /**
   * Returns how this listener prunes, as text to compare.
   *
   * @return the configuration, part by part
   */
  Fingerprint fingerprint();
}
