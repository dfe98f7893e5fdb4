package io.github.dl4jpruning.examples.network;

import io.github.dl4jpruning.examples.data.ImageFormat;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.learning.config.IUpdater;

/** A network that the jobs can train. */
public interface ExampleNetwork {

  /**
   * Returns the network's name in the literature.
   *
   * @return the title
   */
  String title();

  /**
   * Builds a network with fresh weights.
   *
   * @param format the format of the images to classify
   * @param seed the seed for the weights
   * @param updater the updater
   * @param l2 L2 regularisation: half this number times the sum of all squared weights is added to
   *     the loss; 0 for none
   * @return an initialised network
   */
  Model build(ImageFormat format, long seed, IUpdater updater, double l2);
}
