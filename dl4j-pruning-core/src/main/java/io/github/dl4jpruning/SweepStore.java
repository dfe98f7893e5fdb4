package io.github.dl4jpruning;

import io.github.dl4jpruning.SweepResult.Run;
import io.github.dl4jpruning.SweepSpace.Setting;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.model.NetworkSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What a {@link ScheduleSweep} has done, in a directory: the network after the dense epochs, and a
 * small file for each run. A run that was going on when the process ended is made again.
 */
final class SweepStore {

  private static final String SETTINGS = "sweep-settings.txt";
  private static final String WARM_UP = "dense.zip";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Null if nothing is saved. */
  private final Path directory;

  private SweepStore(Path directory) {
    this.directory = directory;
  }

  static SweepStore open(Path directory, String fingerprint) throws IOException {
    if (directory != null) {
      Path file = directory.resolve(SETTINGS);
      if (!Files.exists(file)) {
        byte[] text = fingerprint.getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(text));
      } else if (!Files.readString(file).equals(fingerprint)) {
        throw new IOException(
            directory
                + ": expected a sweep with the same settings, but found another one; name another"
                + " directory, or delete this one");
      }
    }
    return new SweepStore(directory);
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
   * Sets the network and the random numbers to where the dense epochs ended; false if not there.
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

  private Path file(int number) {
    return directory.resolve(String.format(Locale.ROOT, "run-%03d.json", number));
  }

  void write(Run run) throws IOException {
    if (directory != null) {
      String json =
          JSON.createObjectNode()
              .put("number", run.number())
              .put("nonZeros", run.nonZeros())
              .put("sparsity", run.sparsity())
              .put("score", run.score())
              .toPrettyString();
      AtomicFile.write(file(run.number()), out -> out.write(json.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** A run that is done; null if it is not. */
  Run read(int number, Setting setting) throws IOException {
    if (directory == null || !Files.exists(file(number))) {
      return null;
    }
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file(number)));
      return new Run(
          number,
          setting,
          root.required("nonZeros").asLong(),
          root.required("sparsity").asDouble(),
          root.required("score").asDouble(Double.NaN));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException(file(number) + ": expected a run of a sweep, but it is damaged", e);
    }
  }
}
