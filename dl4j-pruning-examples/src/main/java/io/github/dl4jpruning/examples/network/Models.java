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
   * Loads a network, whatever its kind and that of the file, which is known by its first bytes.
   *
   * @param file a zip that DL4J has saved, a checkpoint, or a compact file; of any file system
   * @param probe an input that the network has to take
   * @return the network, without listeners
   * @throws IOException if it is no such file, or not for such an input
   */
  public static Model load(Path file, INDArray probe) throws IOException {
    Model network = read(file);
    try {
      output(network, probe);
    } catch (RuntimeException e) { // whatever a layer says to an input that does not fit
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
        file + ": expected a model that DL4J has saved, or a compact file, but " + found, cause);
  }

  private static Model compact(Path file) throws IOException {
    Model network = CompactModelSerializer.restore(file).network();
    // The state of pruning, if the file has it, would go on to prune; a zip's does not either.
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
    } catch (IOException | RuntimeException e) { // whatever DL4J says to what is no model
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
    } catch (IOException e) { // a zip that is cut off, or an entry that is no JSON
      throw none(file, "it is damaged: " + e.getMessage(), e);
    }
    throw none(file, "found a zip that has no " + CONFIGURATION, null);
  }
}
