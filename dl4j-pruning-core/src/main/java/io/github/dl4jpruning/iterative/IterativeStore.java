package io.github.dl4jpruning.iterative;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.iterative.IterativeState.Ramp;
import io.github.dl4jpruning.iterative.IterativeState.Saved;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.rounds.RunFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Keeps the state of an {@link IterativeRun} in memory, and in a directory if there is one.
 *
 * <p>Each network is a separate {@link PruningCheckpoint}. The file {@code run.json} names the
 * valid ones and is replaced atomically, so that a run can be killed at any moment. Files that it
 * does not name yet are ignored; files that it no longer names are deleted.
 */
final class IterativeStore {

  private static final String ZIP = ".zip";

  /** Files that are deleted when they are no longer needed; no others are touched. */
  private static final Pattern OWN =
      Pattern.compile("(dense(-epoch-\\d+)?|round-\\d+-epoch-\\d+|pruned)\\.zip");

  private final IterativeSettings settings;

  /** Null if nothing is written. */
  private final @Nullable RunFile run;

  IterativeStore(IterativeSettings settings, Model network) throws IOException {
    this.settings = settings;
    Optional<Path> directory = settings.rounds().directory();
    if (directory.isPresent()) {
      SavedConfiguration.of(network, 0, 0); // refuses a network that could be saved but not loaded
      String fingerprint = settings.fingerprint() + "; " + NetworkStore.fingerprint(network);
      this.run = new RunFile(directory.get(), fingerprint);
    } else {
      this.run = null;
    }
  }

  /** Saves a copy of the current network. */
  Saved save(Model network, PruningListener pruning, Ramp ramp, String name) throws IOException {
    String file = null;
    if (run != null) {
      file = name + ZIP;
      PruningCheckpoint.save(network, pruning, run.resolve(file));
    }
    return new Saved(NetworkSnapshot.of(network), pruning.masks(), ramp, file);
  }

  /** Writes the current state, and deletes files that are no longer needed. */
  void write(IterativeState state) throws IOException {
    if (run == null) {
      return;
    }
    run.write(toJson(run.begin(), state));
    Path directory = run.directory();
    AtomicFile.deleteLeftOver(directory, OWN);
    List<String> wanted = state.files();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (OWN.matcher(name).matches() && !wanted.contains(name)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static ObjectNode toJson(ObjectNode root, IterativeState state) {
    root.put("resets", state.resets).put("denseEpochs", state.denseEpochs);
    root.put("startIteration", state.startIteration);
    root.put("startSparsity", state.startSparsity).put("denseScore", state.denseScore);
    ArrayNode rounds = root.putArray("rounds");
    state.rounds.forEach(round -> round.putTo(rounds.addObject()));
    root.put("inRound", state.inRound).put("longer", state.longer).put("epochs", state.epochs);
    root.put("sinceBest", state.sinceBest).put("bestEpoch", state.bestEpoch);
    root.put("bestScore", state.bestScore).put("bestSparsity", state.bestSparsity);
    put(root.putObject("ramp"), state.ramp);
    if (state.stop != null) {
      root.putObject("stop")
          .put("complete", state.stop.complete())
          .put("reason", state.stop.reason());
    }
    RunFile.put(root, RandomState.now());
    put(root, "current", state.current);
    put(root, "dense", state.dense);
    put(root, "early", state.early);
    put(root, "kept", state.kept);
    put(root, "best", state.best);
    ArrayNode accepted = root.putArray("accepted");
    state.acceptedFiles.forEach(accepted::add);
    return root;
  }

  private static void put(ObjectNode root, String name, @Nullable Saved saved) {
    if (saved != null) {
      ObjectNode node = root.putObject(name);
      node.put("file", saved.file());
      put(node.putObject("ramp"), saved.ramp());
    }
  }

  private static void put(ObjectNode node, Ramp ramp) {
    node.put("from", ramp.from()).put("to", ramp.to());
    node.put("begin", ramp.begin()).put("end", ramp.end());
  }

  /**
   * Reads the state of the last run.
   *
   * @param network the network to resume with; not changed
   * @return its state, or the state of a new run
   */
  IterativeState load(Model network) throws IOException {
    IterativeState state = new IterativeState();
    if (run == null || !run.exists()) {
      return state;
    }
    JsonNode root = run.read();
    state.resets = root.path("resets").asInt();
    state.denseEpochs = root.path("denseEpochs").asInt();
    state.startIteration = root.path("startIteration").asInt();
    state.startSparsity = root.path("startSparsity").asDouble(Double.NaN);
    state.denseScore = root.path("denseScore").asDouble(Double.NaN);
    root.path("rounds").forEach(row -> state.rounds.add(PruningRound.of(row)));
    state.inRound = root.path("inRound").asBoolean();
    state.longer = root.path("longer").asInt(1);
    state.epochs = root.path("epochs").asInt();
    state.sinceBest = root.path("sinceBest").asInt();
    state.bestEpoch = root.path("bestEpoch").asInt();
    state.bestScore = root.path("bestScore").asDouble(Double.NaN);
    state.bestSparsity = root.path("bestSparsity").asDouble(Double.NaN);
    state.ramp = ramp(root.path("ramp"));
    if (root.has("stop")) {
      state.stop =
          new RoundPlan.Stop(
              root.path("stop").path("complete").asBoolean(),
              root.path("stop").path("reason").asText());
    }
    root.path("accepted").forEach(file -> state.acceptedFiles.add(file.asText()));
    Map<String, Saved> read = new HashMap<>(); // several states may share a file
    state.current = saved(run, root.path("current"), read);
    state.dense = saved(run, root.path("dense"), read);
    state.early = saved(run, root.path("early"), read);
    state.kept = saved(run, root.path("kept"), read);
    state.best = saved(run, root.path("best"), read);
    if (state.current != null && !state.current.snapshot().fits(network)) {
      throw new IOException(
          run.directory() + ": expected a run of this network, but found one of another");
    }
    return state;
  }

  private static Ramp ramp(JsonNode node) {
    return new Ramp(
        node.path("from").asDouble(),
        node.path("to").asDouble(),
        node.path("begin").asInt(),
        node.path("end").asInt());
  }

  private @Nullable Saved saved(RunFile from, JsonNode node, Map<String, Saved> read)
      throws IOException {
    if (!node.has("file")) {
      return null;
    }
    String file = node.path("file").asText();
    Saved saved = read.get(file);
    if (saved == null) {
      Ramp ramp = ramp(node.path("ramp"));
      PruningCheckpoint loaded = load(from.resolve(file), ramp);
      saved = new Saved(NetworkSnapshot.of(loaded.network()), loaded.pruning().masks(), ramp, file);
      read.put(file, saved);
    }
    return saved;
  }

  private PruningCheckpoint load(Path file, Ramp ramp) throws IOException {
    return PruningCheckpoint.load(file, PruningListener.of(settings.along(ramp.schedule())));
  }

  /** Restores the last saved state of a network and its listener. */
  PruningListener resume(Saved current, Model network) throws IOException {
    RunFile from = Objects.requireNonNull(run, "only a run that was saved is resumed");
    String file = Objects.requireNonNull(current.file(), "it was read from its file");
    PruningCheckpoint loaded = load(from.resolve(file), current.ramp());
    PruningListener pruning = PruningListener.of(settings.along(current.ramp().schedule()));
    pruning.attachTo(network);
    current.snapshot().restoreTo(network);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    loaded.pruning().writeState(bytes);
    pruning.readState(new ByteArrayInputStream(bytes.toByteArray()));
    RunFile.random(from.read()).restore();
    return pruning;
  }
}
