package io.github.dl4jpruning.examples.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** DL4J's two kinds of network with one input and one output, used alike. */
public final class Models {

  private static final String CONFIGURATION = "configuration.json";

  private Models() {}

  /**
   * What a network makes of an input.
   *
   * @param network the network
   * @param input a batch
   * @return a row for each example
   */
  public static INDArray output(Model network, INDArray input) {
    return network instanceof ComputationGraph graph
        ? graph.outputSingle(input)
        : ((MultiLayerNetwork) network).output(input);
  }

  /**
   * Compares what two networks predict.
   *
   * @param one a network
   * @param other another
   * @param batches what both classify
   * @return how many examples they put into different classes
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
   * Loads a network, whatever its kind.
   *
   * @param file what DL4J has saved
   * @param probe an input that the network has to take
   * @return the network
   * @throws IOException if it is no such file, or not for such an input
   */
  public static Model load(Path file, INDArray probe) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": expected a model that DL4J has saved, but found no file");
    }
    Model network;
    try {
      network =
          isGraph(file)
              ? ModelSerializer.restoreComputationGraph(file.toFile(), true)
              : ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
    } catch (IOException | RuntimeException e) { // whatever DL4J says to what is no model
      throw new IOException(
          file + ": expected a model that DL4J has saved, but " + e.getMessage(), e);
    }
    try {
      output(network, probe);
    } catch (RuntimeException e) { // whatever a layer says to an input that does not fit
      throw new IOException(
          file + ": expected a network for these images, but it fails: " + e.getMessage(), e);
    }
    return network;
  }

  private static boolean isGraph(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(CONFIGURATION);
      if (entry == null) {
        throw new IOException("it has no " + CONFIGURATION);
      }
      try (InputStream in = zip.getInputStream(entry)) {
        return new ObjectMapper().readTree(in).has("vertices");
      }
    }
  }
}
