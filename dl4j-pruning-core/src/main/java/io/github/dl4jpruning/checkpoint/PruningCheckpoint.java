package io.github.dl4jpruning.checkpoint;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.CheckpointHeader.Entry;
import io.github.dl4jpruning.checkpoint.CheckpointHeader.Kind;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.model.SavedConfiguration;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network and its pruning state in one zip file. Training that resumes from it gives the same
 * result, bit for bit, as uninterrupted training.
 *
 * <pre>{@code
 * PruningCheckpoint.save(network, pruning, Path.of("run.zip"));
 * ...
 * PruningCheckpoint loaded = PruningCheckpoint.load(Path.of("run.zip"));
 * loaded.multiLayerNetwork().fit(train);
 * }</pre>
 *
 * <p>The file has DL4J's own format: {@code ModelSerializer.restoreMultiLayerNetwork} and {@code
 * restoreComputationGraph} read it like any other. It has one more entry, {@code pruning.bin}, with
 * the masks, the pruning configuration, the schedule's value, the values remembered for the
 * criterion, the state of ND4J's random generator (for dropout), and the checksums of all other
 * entries. The position in training is DL4J's iteration count, which the network's configuration
 * holds.
 *
 * <p>A file is written under a temporary name, synced and renamed, so the target name always refers
 * to a complete file. Other listeners and the position in the data are not saved; save between
 * epochs, or skip the batches that were used. Like {@code ModelSerializer}, {@link #load}
 * instantiates the layers that the configuration names, so load only files that you trust.
 *
 * @param network the network, with its listener attached
 * @param pruning the listener
 */
public record PruningCheckpoint(Model network, PruningListener pruning) {

  private static final Logger log = LoggerFactory.getLogger(PruningCheckpoint.class);

  static final String CONFIGURATION = "configuration.json";
  static final String COEFFICIENTS = "coefficients.bin";
  static final String UPDATER_STATE = "updaterState.bin";
  static final String PRUNING = "pruning.bin";

  /** The point of DL4J's training loop at which a network is saved. */
  enum Moment {
    /** The last iteration is complete. */
    BETWEEN_ITERATIONS(0, 0),
    /**
     * In {@code iterationDone}: the step is done, but not yet counted, and constraints are not yet
     * applied.
     */
    AFTER_STEP(1, 0),
    /** In {@code onEpochEnd}: the epoch is not counted yet. */
    AFTER_EPOCH(0, 1);

    private final int iterationsAhead;
    private final int epochsAhead;

    Moment(int iterationsAhead, int epochsAhead) {
      this.iterationsAhead = iterationsAhead;
      this.epochsAhead = epochsAhead;
    }
  }

  /**
   * Returns the network.
   *
   * @return the network
   * @throws IllegalStateException if it is a graph
   */
  public MultiLayerNetwork multiLayerNetwork() {
    if (network instanceof MultiLayerNetwork multiLayer) {
      return multiLayer;
    }
    throw new IllegalStateException(
        "expected a MultiLayerNetwork, but the checkpoint holds a ComputationGraph");
  }

  /**
   * Returns the graph.
   *
   * @return the graph
   * @throws IllegalStateException if it is a {@code MultiLayerNetwork}
   */
  public ComputationGraph computationGraph() {
    if (network instanceof ComputationGraph graph) {
      return graph;
    }
    throw new IllegalStateException(
        "expected a ComputationGraph, but the checkpoint holds a MultiLayerNetwork");
  }

  /**
   * Saves a network and its pruning state. Call it between two calls of {@code fit}; during
   * training use {@link PruningCheckpointListener}.
   *
   * @param network the network
   * @param pruning the listener that prunes it
   * @param file the destination; an existing file is replaced as a whole
   * @throws IOException if it cannot be written; an existing file is then unchanged
   * @throws IllegalStateException if the listener does not prune this network
   */
  public static void save(Model network, PruningListener pruning, Path file) throws IOException {
    save(network, pruning, file, Moment.BETWEEN_ITERATIONS);
  }

  static void save(Model network, PruningListener pruning, Path file, Moment moment)
      throws IOException {
    if (!pruning.isAttachedTo(network)) {
      throw new IllegalStateException(
          "expected the listener that prunes this network, but this listener does not prune it");
    }
    pruning
        .movedWeights()
        .ifPresent(
            moved -> {
              log.warn("While saving a network: {} They are set to zero again.", moved);
              pruning.applyMasks();
            });
    SavedConfiguration configuration =
        SavedConfiguration.of(network, moment.iterationsAhead, moment.epochsAhead);
    AtomicFile.write(file, out -> write(network, configuration, pruning, out, moment));
  }

  private static void write(
      Model network,
      SavedConfiguration configuration,
      PruningListener pruning,
      OutputStream out,
      Moment moment)
      throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    List<Entry> entries = new ArrayList<>();
    entries.add(
        entry(zip, CONFIGURATION, to -> NetworkStore.writeConfiguration(configuration, to)));
    entries.add(entry(zip, COEFFICIENTS, to -> NetworkStore.writeParameters(network, to)));
    if (NetworkStore.hasUpdaterState(network)) {
      entries.add(
          entry(
              zip,
              UPDATER_STATE,
              to -> NetworkStore.writeUpdaterState(network, configuration, to)));
    }
    RandomState random = RandomState.now();
    CheckpointHeader header =
        new CheckpointHeader(
            NetworkStore.isGraph(network) ? Kind.COMPUTATION_GRAPH : Kind.MULTI_LAYER_NETWORK,
            moment == Moment.AFTER_STEP,
            random.root(),
            random.node(),
            pruning.config().recipe().orElse(""),
            entries);
    entry(
        zip,
        PRUNING,
        to -> {
          header.write(to);
          pruning.writeState(to);
        });
    zip.finish();
  }

  private static Entry entry(ZipOutputStream zip, String name, AtomicFile.Content content)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    zip.putNextEntry(entry);
    content.writeTo(zip);
    zip.closeEntry();
    return new Entry(name, entry.getSize(), entry.getCrc());
  }

  /**
   * Loads a network and its pruning state, and attaches a listener made from the recipe in the
   * file.
   *
   * @param file a file written by {@link #save} or a {@link PruningCheckpointListener}
   * @return the network, ready to continue training
   * @throws IOException if it cannot be read, is not a checkpoint, or is damaged; or if the
   *     configuration has user-defined parts, which a file does not hold: use {@link #load(Path,
   *     PruningListener)}
   */
  public static PruningCheckpoint load(Path file) throws IOException {
    return read(file, null, false);
  }

  /**
   * Loads a network and its pruning state into an existing listener.
   *
   * @param file a file written by {@link #save} or a {@link PruningCheckpointListener}
   * @param pruning a listener with the saved configuration, not yet attached to a network
   * @return the network, ready to continue training, with this listener attached
   * @throws IOException if it cannot be read, is not a checkpoint, or is damaged
   * @throws IllegalArgumentException if the listener has a different configuration; the message
   *     names the differences
   */
  public static PruningCheckpoint load(Path file, PruningListener pruning) throws IOException {
    requireSet(pruning);
    return read(file, pruning, false);
  }

  /**
   * Loads a network and its pruning state into a listener with a different configuration, for
   * instance another schedule or filter. The masks in the file are kept, and so are the values
   * remembered for the criterion if the new criterion needs them. Nothing is removed while the new
   * schedule is below the present sparsity.
   *
   * @param file a file written by {@link #save} or a {@link PruningCheckpointListener}
   * @param pruning a listener, not yet attached to a network
   * @return the network, ready to continue training, with this listener attached
   * @throws IOException if it cannot be read, is not a checkpoint, or is damaged
   * @throws IllegalArgumentException if the listener's filter does not fit the network
   */
  public static PruningCheckpoint loadWithChanges(Path file, PruningListener pruning)
      throws IOException {
    requireSet(pruning);
    return read(file, pruning, true);
  }

  private static void requireSet(PruningListener pruning) {
    if (pruning == null) {
      throw new IllegalArgumentException("pruning must be set, but is null");
    }
  }

  private static PruningCheckpoint read(Path file, @Nullable PruningListener given, boolean changes)
      throws IOException {
    try {
      if (file.getFileSystem().equals(FileSystems.getDefault())) {
        return readLocal(file, given, changes);
      }
      // Reading a zip needs random access, which Java offers only for local files.
      Path local = Files.createTempFile("checkpoint", ".zip");
      try {
        Files.copy(file, local, StandardCopyOption.REPLACE_EXISTING);
        return readLocal(local, given, changes);
      } finally {
        Files.deleteIfExists(local);
      }
    } catch (ZipException e) {
      throw new IOException(file + ": expected a zip file, but " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static PruningCheckpoint readLocal(
      Path file, @Nullable PruningListener given, boolean changes) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return new CheckpointReader(zip, Files.size(file)).read(given, changes);
    }
  }
}
