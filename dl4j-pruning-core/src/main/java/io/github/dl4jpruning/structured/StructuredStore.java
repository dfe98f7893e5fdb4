package io.github.dl4jpruning.structured;

import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.RunFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Saves the state of a {@link StructuredRun} after each round, if there is a directory: the network
 * of each accepted round as a model zip that DL4J reads, and {@code run.json}, which names the last
 * good one.
 */
final class StructuredStore {

  /** Null if nothing is saved. */
  private final @Nullable RunFile run;

  /**
   * The state of a run after its last round.
   *
   * @param rounds all attempts
   * @param resets how often the data was reset
   * @param random the state of ND4J's random generator
   * @param good the file of the last good network; empty if no round was accepted yet
   * @param latency the times measured when it was chosen; empty if no time is measured
   */
  record Saved(
      List<PruningRound> rounds,
      int resets,
      RandomState random,
      String good,
      Optional<Speedup> latency) {}

  StructuredStore(Optional<Path> directory, String settings, Model network, double denseScore)
      throws IOException {
    if (directory.isPresent()) {
      SavedConfiguration.of(network, 0, 0); // refuses a network that could be saved but not loaded
    }
    // The last digits of a score may depend on the number of threads.
    String fingerprint =
        settings
            + "; "
            + NetworkStore.fingerprint(network)
            + ", parameters "
            + Long.toHexString(NetworkStore.parameterChecksum(network))
            + "; dense score "
            + String.format(Locale.ROOT, "%.6g", denseScore);
    this.run = directory.isPresent() ? new RunFile(directory.get(), fingerprint) : null;
  }

  /** Writes the network of an accepted round, before {@link #write} records its name. */
  String save(Model network, int round) throws IOException {
    if (run == null) {
      return "";
    }
    String name = String.format(Locale.ROOT, "round-%02d.zip", round);
    SavedConfiguration configuration = SavedConfiguration.of(network, 0, 0);
    AtomicFile.write(
        run.resolve(name), out -> NetworkStore.writeModel(network, configuration, out));
    return name;
  }

  /** Writes the state after a round. */
  void write(Saved state) throws IOException {
    if (run == null) {
      return;
    }
    ObjectNode root = run.begin();
    root.put("resets", state.resets()).put("good", state.good());
    state
        .latency()
        .ifPresent(
            latency ->
                root.putObject("latency")
                    .put("before", latency.before())
                    .put("after", latency.after())
                    .put("lower", latency.lower())
                    .put("upper", latency.upper()));
    RunFile.put(root, state.random());
    ArrayNode rows = root.putArray("rounds");
    state.rounds().forEach(round -> round.putTo(rows.addObject()));
    run.write(root);
  }

  /**
   * Reads the state of the last run.
   *
   * @return the state; empty if there is none
   * @throws IOException if it cannot be read, or belongs to another run
   */
  Optional<Saved> load() throws IOException {
    if (run == null || !run.exists()) {
      return Optional.empty();
    }
    JsonNode root = run.read();
    List<PruningRound> rounds = new ArrayList<>();
    root.path("rounds").forEach(row -> rounds.add(PruningRound.of(row)));
    return Optional.of(
        new Saved(
            rounds,
            root.path("resets").asInt(),
            RunFile.random(root),
            root.path("good").asText(),
            Optional.ofNullable(root.get("latency")).map(StructuredStore::latency)));
  }

  private static Speedup latency(JsonNode row) {
    return new Speedup(
        row.path("before").asDouble(),
        row.path("after").asDouble(),
        row.path("lower").asDouble(),
        row.path("upper").asDouble());
  }

  /**
   * Reads the last good network.
   *
   * @param name its file name, from {@link Saved}
   * @param graph whether it is a graph
   * @return the network, including its updater state
   * @throws IOException if it cannot be read
   */
  Model read(String name, boolean graph) throws IOException {
    Path file = Objects.requireNonNull(run, "only a run that was saved is resumed").resolve(name);
    try (InputStream in = Files.newInputStream(file)) {
      return graph
          ? ModelSerializer.restoreComputationGraph(in, true)
          : ModelSerializer.restoreMultiLayerNetwork(in, true);
    } catch (RuntimeException e) { // whatever DL4J throws for a file that is not a model
      throw new IOException(
          file + ": expected the network of a round, but it cannot be read: " + e.getMessage(), e);
    }
  }
}
