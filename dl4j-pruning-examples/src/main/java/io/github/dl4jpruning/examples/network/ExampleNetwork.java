package io.github.dl4jpruning.examples.network;

import io.github.dl4jpruning.examples.data.ImageFormat;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.learning.config.IUpdater;

/** A network that the jobs can train. */
public interface ExampleNetwork {

  /**
   * The network's name in the literature.
   *
   * @return the title
   */
  String title();

  /**
   * A network with fresh weights.
   *
   * @param format the images that it is to classify
   * @param seed decides the weights
   * @param updater trains it
   * @param l2 L2 regularisation: half of it times the sum of the squares of all weights is added to
   *     the loss; 0 for none
   * @return an initialised network
   */
  Model build(ImageFormat format, long seed, IUpdater updater, double l2);
}
