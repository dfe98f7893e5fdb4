package io.github.dl4jpruning.examples.train;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.examples.train.TrainingHistory.Epoch;
import io.github.dl4jpruning.examples.train.TrainingHistory.SparsityChange;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.io.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The state of a job after each epoch: for each training run a checkpoint, and the history for the
 * report. Files are always complete. The history is written first, so it may be ahead of the
 * network; the surplus is dropped on loading. Nothing is written, and nothing of another job is
 * replaced, before the first epoch ends.
 */
public final class Checkpoints {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SETTINGS = "checkpoint-settings.txt";

  private final Path folder;
  private final String settings;
  private final List<String> tasks;

  /** Whether the folder belongs to this job. Until then, its content is another job's. */
  private boolean own;

  private Checkpoints(Path folder, String settings, List<String> tasks, boolean own) {
    this.folder = folder;
    this.settings = settings;
    this.tasks = tasks;
    this.own = own;
  }

  /**
   * A training to be resumed.
   *
   * @param network the network, its listener attached
   * @param history its history so far
   */
  public record Saved(Model network, TrainingHistory history) {}

  /**
   * Checks that a folder is free or belongs to this job. Writes nothing.
   *
   * @param folder the folder, which need not exist yet
   * @param settings everything that decides the outcome, as text
   * @param resume whether to resume from the checkpoints in the folder
   * @param replace whether files of another job may be replaced, unless this job is resumed
   * @param tasks the job's trainings
   * @return the folder
   * @throws IOException if the folder has checkpoints that may be neither resumed nor replaced
   */
  public static Checkpoints open(
      Path folder, String settings, boolean resume, boolean replace, List<String> tasks)
      throws IOException {
    Path file = folder.resolve(SETTINGS);
    boolean there = Files.exists(file);
    if (there && (resume || !replace)) {
      String found = WholeFile.text(file);
      if (!found.equals(settings)) {
        throw new IOException(
            folder
                + ": expected checkpoints of a job with the settings "
                + oneLine(settings)
                + ", but found those of one with "
                + oneLine(found));
      }
      if (!resume) {
        throw new IOException(
            folder
                + ": expected an empty folder, but found checkpoints of this job; --resume"
                + " continues from them");
      }
    }
    return new Checkpoints(folder, settings, List.copyOf(tasks), there && resume);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  /**
   * Returns the folder.
   *
   * @return the path
   */
  public Path folder() {
    return folder;
  }

  private Path networkFile(String task) {
    return folder.resolve(task + ".checkpoint.zip");
  }

  private Path historyFile(String task) {
    return folder.resolve(task + ".history.json");
  }

  void save(String task, Model network, PruningListener pruning, TrainingHistory history)
      throws IOException {
    if (!own) {
      // The network goes first: without it, a history is ignored.
      for (String each : tasks) {
        Files.deleteIfExists(networkFile(each));
        Files.deleteIfExists(historyFile(each));
      }
      AtomicFile.write(
          folder.resolve(SETTINGS), out -> out.write(settings.getBytes(StandardCharsets.UTF_8)));
      own = true;
    }
    byte[] text = toJson(history).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(historyFile(task), out -> out.write(text));
    PruningCheckpoint.save(network, pruning, networkFile(task));
  }

  /**
   * Loads a saved training run.
   *
   * @param task which training
   * @param pruning the listener of the resumed training, attached to no network yet
   * @return the saved training; empty if nothing was saved
   * @throws IOException if a file is damaged
   */
  public Optional<Saved> load(String task, PruningListener pruning) throws IOException {
    if (!own || !Files.exists(networkFile(task))) {
      return Optional.empty();
    }
    Model network = PruningCheckpoint.load(networkFile(task), pruning).network();
    return Optional.of(new Saved(network, history(historyFile(task), iterations(network))));
  }

  private static int iterations(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.getConfiguration().getIterationCount()
        : ((MultiLayerNetwork) network).getIterationCount();
  }

  private static String toJson(TrainingHistory history) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode epochs = root.putArray("epochs");
    for (Epoch epoch : history.epochs()) {
      ObjectNode row = epochs.addObject();
      row.put("epoch", epoch.epoch()).put("iteration", epoch.iteration()).put("loss", epoch.loss());
      row.put("sparsity", epoch.sparsity());
      row.put("validationAccuracy", epoch.validationAccuracy());
    }
    ArrayNode changes = root.putArray("changes");
    for (SparsityChange change : history.changes()) {
      changes.addObject().put("iteration", change.iteration()).put("sparsity", change.sparsity());
    }
    return root.toPrettyString();
  }

  private static TrainingHistory history(Path file, int iterations) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(WholeFile.read(file));
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ": expected the history of a training, but the file is damaged", e);
    }
    TrainingHistory history = new TrainingHistory();
    for (JsonNode row : root.path("epochs")) {
      if (row.path("iteration").asInt() <= iterations) {
        history.add(
            new Epoch(
                row.path("epoch").asInt(),
                row.path("iteration").asInt(),
                row.path("loss").asDouble(),
                row.path("sparsity").asDouble(),
                row.path("validationAccuracy").asDouble()));
      }
    }
    for (JsonNode row : root.path("changes")) {
      if (row.path("iteration").asInt() < iterations) {
        history.add(
            new SparsityChange(row.path("iteration").asInt(), row.path("sparsity").asDouble()));
      }
    }
    return history;
  }
}
