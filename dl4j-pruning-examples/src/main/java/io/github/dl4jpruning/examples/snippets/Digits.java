package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageFormat;
import io.github.dl4jpruning.examples.data.MnistFiles;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/**
 * The network and the data of the programs in this package: LeNet-300-100 and the shipped digits.
 */
final class Digits {

  private static final int BATCH_SIZE = 100;

  private Digits() {}

  /** A perceptron of 784-300-100-10 units. */
  static MultiLayerNetwork network() {
    return MnistNetwork.LENET_300_100.build(ImageFormat.MNIST, 1, new Adam(1e-3), 0.0);
  }

  /** 8,000 digits: 80 batches in each epoch. */
  static DataSetIterator train() throws IOException {
    return ImageBatches.shuffled(MnistFiles.shipped().train(), BATCH_SIZE, 1);
  }

  /** 1,000 other digits, for validation. */
  static DataSetIterator validation() throws IOException {
    return ImageBatches.inOrder(MnistFiles.shipped().validation(), BATCH_SIZE);
  }
}
