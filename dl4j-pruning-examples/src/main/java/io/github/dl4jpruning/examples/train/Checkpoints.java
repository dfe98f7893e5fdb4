package io.github.dl4jpruning.examples.train;

import io.github.dl4jpruning.PruningCheckpoint;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.examples.train.TrainingHistory.Epoch;
import io.github.dl4jpruning.examples.train.TrainingHistory.SparsityChange;
import io.github.dl4jpruning.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Where a job stands after each epoch: for each of its trainings a checkpoint, and beside it what
 * was remembered for the report. A file is always whole, and the history is written first: it may
 * know more than the network, which is left out when it is read.
 *
 * @param folder the folder
 */
public record Checkpoints(Path folder) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SETTINGS = "checkpoint-settings.txt";

  /**
   * A training that goes on.
   *
   * @param network the network, its listener attached
   * @param history what has happened
   */
  public record Saved(Model network, TrainingHistory history) {}

  /**
   * Opens a folder for one job.
   *
   * @param folder the folder; made if it is not there
   * @param settings everything that decides the outcome, as text
   * @param resume whether to go on from what is there
   * @return the folder
   * @throws IOException if it holds checkpoints of another job, or of one that is not to be
   *     resumed, or cannot be written
   */
  public static Checkpoints open(Path folder, String settings, boolean resume) throws IOException {
    Path file = folder.resolve(SETTINGS);
    if (Files.exists(file)) {
      String found = Files.readString(file);
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
                + ": expected an empty folder, but found checkpoints of this job; --resume goes on"
                + " from them");
      }
    } else {
      try {
        AtomicFile.write(file, out -> out.write(settings.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new IOException(
            folder
                + ": expected a folder to write to, but found "
                + e.getClass().getSimpleName()
                + ": "
                + e.getMessage(),
            e);
      }
    }
    return new Checkpoints(folder);
  }

  /**
   * Opens a folder for one job that begins anew: what an earlier one has saved there is forgotten.
   *
   * @param folder the folder; made if it is not there
   * @param settings everything that decides the outcome, as text
   * @return the folder
   * @throws IOException if it cannot be written
   */
  public static Checkpoints inPlaceOfOthers(Path folder, String settings) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          if (file.toString().matches(".*(\\.checkpoint\\.zip|\\.history\\.json)")) {
            Files.delete(file);
          }
        }
      }
      Files.deleteIfExists(folder.resolve(SETTINGS));
    }
    return open(folder, settings, false);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  private Path networkFile(String task) {
    return folder.resolve(task + ".checkpoint.zip");
  }

  private Path historyFile(String task) {
    return folder.resolve(task + ".history.json");
  }

  void save(String task, Model network, PruningListener pruning, TrainingHistory history)
      throws IOException {
    byte[] text = toJson(history).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(historyFile(task), out -> out.write(text));
    PruningCheckpoint.save(network, pruning, networkFile(task));
  }

  /**
   * What was saved of a training.
   *
   * @param task which training
   * @param pruning the listener that goes on, attached to no network yet
   * @return where it stands; empty if nothing was saved
   * @throws IOException if a file is damaged
   */
  public Optional<Saved> load(String task, PruningListener pruning) throws IOException {
    if (!Files.exists(networkFile(task))) {
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
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": expected the history of a training, but it is damaged", e);
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
