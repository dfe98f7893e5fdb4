package io.github.dl4jpruning.examples.network;

import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Treats DL4J's two kinds of network alike, with one input and one output. */
public final class Models {

  private Models() {}

  /**
   * Returns the output of a network.
   *
   * @param network the network
   * @param input a batch
   * @return one row per example
   */
  public static INDArray output(Model network, INDArray input) {
    return network instanceof ComputationGraph graph
        ? graph.outputSingle(input)
        : ((MultiLayerNetwork) network).output(input);
  }

  /**
   * Compares the predictions of two networks.
   *
   * @param one a network
   * @param other another network
   * @param batches the examples that both classify
   * @return the number of examples that the two classify differently
   */
  public static long differentPredictions(Model one, Model other, DataSetIterator batches) {
    long different = 0;
    while (batches.hasNext()) {
      INDArray features = batches.next().getFeatures();
      int[] first = output(one, features).argMax(1).toIntVector();
      int[] second = output(other, features).argMax(1).toIntVector();
      for (int i = 0; i < first.length; i++) {
        different += first[i] == second[i] ? 0 : 1;
      }
    }
    return different;
  }

  /**
   * Loads a network of any kind from a file of any kind; the first bytes tell the kind of file.
   *
   * @param file a zip saved by DL4J, a checkpoint, a compact file, or a Keras 2 file; on any file
   *     system
   * @param probe an input that the network must accept
   * @return the network, without listeners
   * @throws IOException if it is not such a file, or the network rejects the input
   */
  public static Model load(Path file, INDArray probe) throws IOException {
    Model network = ModelFile.load(file).network();
    try {
      output(network, probe);
    } catch (RuntimeException e) { // layers throw various exceptions if the input does not fit
      throw new IOException(
          file + ": expected a network for these images, but it fails: " + e.getMessage(), e);
    }
    return network;
  }
}
