package io.github.dl4jpruning.models;

import io.github.dl4jpruning.compact.CompactModel;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * A network that was read from a file.
 *
 * <pre>{@code
 * Model network = ModelFile.load(Path.of("model.h5")).network();
 * }</pre>
 *
 * @param path the file
 * @param kind its kind
 * @param network the network, without listeners
 * @param normalizer the normaliser that is stored with it: data must go through it first
 * @param notes what was changed so that the network can be trained, and what it cannot do
 */
public record ModelFile(
    Path path,
    FileKind kind,
    Model network,
    Optional<DataNormalization> normalizer,
    List<String> notes) {

  private static final String CONFIGURATION = "configuration.json";

  /** Copies the list. */
  public ModelFile {
    notes = List.copyOf(notes);
  }

  /**
   * Reads a network from a file of any kind. The first bytes tell the kind, not the name.
   *
   * @param file a zip saved by DL4J, a checkpoint, a compact file, or a Keras 2 file (HDF5)
   * @return the network, and what it was read from
   * @throws IOException if it is not such a file, or it is damaged
   */
  public static ModelFile load(Path file) throws IOException {
    return load(file, Optional.empty());
  }

  /**
   * Reads a network from a file of any kind.
   *
   * @param file a zip saved by DL4J, a checkpoint, a compact file, or a Keras 2 file (HDF5)
   * @param loss the loss of a network that ends without one, as Keras models do that were saved
   *     without a training configuration; empty for the loss that fits the last activation:
   *     cross-entropy for softmax and sigmoid, the squared error for others
   * @return the network, and what it was read from
   * @throws IOException if it is not such a file, or it is damaged
   */
  public static ModelFile load(Path file, Optional<ILossFunction> loss) throws IOException {
    FileKind kind = kind(file);
    Optional<DataNormalization> normalizer = Optional.empty();
    Model network;
    switch (kind) {
      case ZIP -> {
        network = zip(file);
        normalizer = StoredNormalizer.of(file);
      }
      case COMPACT -> {
        CompactModel compact = CompactModelSerializer.restore(file);
        network = withoutListeners(compact.network());
        normalizer = compact.normalizer();
      }
      case KERAS -> network = KerasFile.load(file);
      default -> throw none(file, "found " + kind.title(), null);
    }
    List<String> notes = new ArrayList<>();
    Model trainable = OutputLayers.complete(network, loss, notes);
    return new ModelFile(file, kind, trainable, normalizer, notes);
  }

  private static FileKind kind(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw none(file, "found a folder", null);
    } else if (!Files.exists(file)) {
      throw none(file, "found no file", null);
    }
    try {
      return FileKind.of(file);
    } catch (FileSystemException e) {
      throw none(file, "found " + e.getClass().getSimpleName() + ": " + e.getReason(), e);
    }
  }

  static IOException none(Path file, String found, @Nullable Throwable cause) {
    return new IOException(
        file + ": expected a model saved by DL4J or Keras 2, or a compact file, but " + found,
        cause);
  }

  /** Without listeners the network is not pruned further, as with a zip. */
  private static Model withoutListeners(Model network) {
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
