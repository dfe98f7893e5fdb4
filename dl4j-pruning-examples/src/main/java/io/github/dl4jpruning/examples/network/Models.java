package io.github.dl4jpruning.examples.network;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Treats DL4J's two kinds of network alike, with one input and one output. */
public final class Models {

  private static final String CONFIGURATION = "configuration.json";

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
   * @param file a zip saved by DL4J, a checkpoint, or a compact file; on any file system
   * @param probe an input that the network must accept
   * @return the network, without listeners
   * @throws IOException if it is not such a file, or the network rejects the input
   */
  public static Model load(Path file, INDArray probe) throws IOException {
    Model network = read(file);
    try {
      output(network, probe);
    } catch (RuntimeException e) { // layers throw various exceptions if the input does not fit
      throw new IOException(
          file + ": expected a network for these images, but it fails: " + e.getMessage(), e);
    }
    return network;
  }

  private static Model read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw none(file, "found a folder", null);
    }
    if (!Files.exists(file)) {
      throw none(file, "found no file", null);
    }
    try {
      ModelFile kind = ModelFile.of(file);
      if (kind == ModelFile.COMPACT) {
        return compact(file);
      } else if (kind == ModelFile.ZIP) {
        return zip(file);
      }
      throw none(file, "found " + kind.found(), null);
    } catch (FileSystemException e) {
      throw none(file, "found " + e.getClass().getSimpleName() + ": " + e.getReason(), e);
    }
  }

  private static IOException none(Path file, String found, @Nullable Exception cause) {
    return new IOException(
        file + ": expected a model saved by DL4J, or a compact file, but " + found, cause);
  }

  private static Model compact(Path file) throws IOException {
    Model network = CompactModelSerializer.restore(file).network();
    // Without listeners the loaded network is not pruned further, as with a zip.
    if (network instanceof ComputationGraph graph) {
      graph.setListeners();
    } else {
      ((MultiLayerNetwork) network).setListeners();
    }
    return network;
  }

  private static Model zip(Path file) throws IOException {
    boolean graph = isGraph(file);
    try (InputStream in = Files.newInputStream(file)) {
      return graph
          ? ModelSerializer.restoreComputationGraph(in, true)
          : ModelSerializer.restoreMultiLayerNetwork(in, true);
    } catch (IOException
        | RuntimeException e) { // DL4J throws various exceptions if it is not a model
      throw none(file, "it cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isGraph(Path file) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(CONFIGURATION)) {
          return new ObjectMapper().readTree(zip.readAllBytes()).has("vertices");
        }
      }
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // a truncated zip, or an entry that is not JSON
      throw none(file, "it is damaged: " + e.getMessage(), e);
    }
    throw none(file, "found a zip without " + CONFIGURATION, null);
  }
}
