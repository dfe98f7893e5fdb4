package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.io.WholeFile;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.tune.SweepRace.Standing;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Saves the progress of a {@link ScheduleSweep} in a directory: the network after the dense epochs,
 * and a small file for each run and for each rung that a run reached. A run that was interrupted is
 * repeated from its last rung.
 */
final class SweepStore {

  private static final String SETTINGS = "sweep-settings.txt";
  private static final String WARM_UP = "dense.zip";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Null if nothing is saved. */
  private final @Nullable Path directory;

  private SweepStore(@Nullable Path directory) {
    this.directory = directory;
  }

  static SweepStore open(Optional<Path> directory, String fingerprint) throws IOException {
    if (directory.isPresent()) {
      Path file = directory.get().resolve(SETTINGS);
      if (!Files.exists(file)) {
        byte[] text = fingerprint.getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(text));
      } else if (!WholeFile.text(file).equals(fingerprint)) {
        throw new IOException(
            directory.get()
                + ": expected a sweep with the same settings, but found another one; name another"
                + " directory, or delete this one");
      }
    }
    return new SweepStore(directory.orElse(null));
  }

  void saveWarmUp(Model network) throws IOException {
    if (directory != null) {
      PruningListener holder = PruningListener.fineTuning();
      holder.attachTo(network);
      try {
        PruningCheckpoint.save(network, holder, directory.resolve(WARM_UP));
      } finally {
        holder.detach();
      }
    }
  }

  /**
   * Restores the network and the random state of the end of the dense epochs; false if not saved.
   */
  boolean loadWarmUp(Model network) throws IOException {
    if (directory == null || !Files.exists(directory.resolve(WARM_UP))) {
      return false;
    }
    PruningCheckpoint loaded =
        PruningCheckpoint.load(directory.resolve(WARM_UP), PruningListener.fineTuning());
    NetworkSnapshot snapshot = NetworkSnapshot.of(loaded.network());
    if (!snapshot.fits(network)) {
      throw new IOException(
          directory + ": expected a sweep over this network, but found one over another");
    }
    snapshot.restoreTo(network);
    return true;
  }

  private static Path file(Path directory, int number) {
    return directory.resolve(String.format(Locale.ROOT, "run-%03d.json", number));
  }

  private static Path file(Path directory, int number, int rung) {
    return directory.resolve(String.format(Locale.ROOT, "run-%03d-epoch-%d.json", number, rung));
  }

  void write(Run run) throws IOException {
    if (directory != null) {
      write(file(directory, run.number()), toJson(run));
    }
  }

  /** Writes the standing of a run at a rung. */
  void write(Standing standing, int rung) throws IOException {
    if (directory != null) {
      Run run = standing.run();
      write(file(directory, run.number(), rung), toJson(run).put("rank", standing.rank()));
    }
  }

  private static ObjectNode toJson(Run run) {
    return JSON.createObjectNode()
        .put("number", run.number())
        .put("nonZeros", run.nonZeros())
        .put("sparsity", run.sparsity())
        .put("score", run.score())
        .put("epochs", run.epochs());
  }

  private static void write(Path file, ObjectNode root) throws IOException {
    byte[] text = root.toPrettyString().getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(text));
  }

  /** Reads a finished run; null if it is not finished. */
  @Nullable Run read(int number, Optional<Setting> setting) throws IOException {
    if (directory == null || !Files.exists(file(directory, number))) {
      return null;
    }
    return read(file(directory, number), root -> run(root, number, setting));
  }

  /** Reads the standing of a run at a rung; null if the run has not reached it. */
  @Nullable Standing readStanding(int number, Optional<Setting> setting, int rung)
      throws IOException {
    if (directory == null || !Files.exists(file(directory, number, rung))) {
      return null;
    }
    return read(
        file(directory, number, rung),
        root ->
            new Standing(run(root, number, setting), root.required("rank").asDouble(Double.NaN)));
  }

  private static Run run(JsonNode root, int number, Optional<Setting> setting) {
    return new Run(
        number,
        setting,
        root.required("nonZeros").asLong(),
        root.required("sparsity").asDouble(),
        root.required("score").asDouble(Double.NaN),
        root.path("epochs").asInt(),
        false);
  }

  private static <T> T read(Path file, Function<JsonNode, T> made) throws IOException {
    try {
      return made.apply(JSON.readTree(WholeFile.read(file)));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException(file + ": expected a run of a sweep, but it is damaged", e);
    }
  }
}
