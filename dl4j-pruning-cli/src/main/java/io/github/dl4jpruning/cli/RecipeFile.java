package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.io.WholeFile;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.UpdateTiming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Reads recipe files and checks recipes. */
public final class RecipeFile {

  /** Far more than a handwritten recipe has. */
  private static final long MOST_BYTES = 1 << 20;

  private RecipeFile() {}

  /**
   * Reads a recipe.
   *
   * @param file a YAML or JSON file
   * @return the recipe
   * @throws IOException if there is no such file, or the recipe is invalid
   */
  public static PruningConfig read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": expected a recipe, but there is no such file");
    }
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(
          file
              + ": expected a recipe of at most "
              + MOST_BYTES
              + " bytes, but found "
              + Files.size(file));
    }
    try {
      return PruningConfig.fromYaml(WholeFile.text(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Checks that training is long enough for a recipe.
   *
   * @param file the file, for the message
   * @param config the recipe
   * @param iterations all iterations of the training
   * @param iterationsPerEpoch iterations of an epoch
   * @throws IOException if the schedule does not reach its peak
   */
  public static void checkReached(
      Path file, PruningConfig config, int iterations, int iterationsPerEpoch) throws IOException {
    if (!(config.timing().schedule() instanceof SparsitySchedule schedule)) {
      return;
    }
    List<UpdateTiming.Update> updates = config.timing().updates(iterations, iterationsPerEpoch);
    double reached = updates.stream().mapToDouble(UpdateTiming.Update::sparsity).max().orElse(0.0);
    if (reached < schedule.peak()) {
      throw new IOException(
          file
              + ": expected a schedule that reaches its "
              + schedule.peak()
              + " within the "
              + iterations
              + " iterations ("
              + iterations / iterationsPerEpoch
              + " epochs) of training, but it reaches "
              + reached);
    }
  }

  /**
   * Checks that a recipe fits the layers of a network and their shapes.
   *
   * @param name the name of the recipe or the network, for the message
   * @param config the recipe
   * @param network a network that is not used for anything else
   * @throws IOException if it does not fit
   */
  public static void checkFits(String name, PruningConfig config, Model network)
      throws IOException {
    try {
      PruningListener.of(config).attachTo(network);
    } catch (IllegalArgumentException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns a copy of a recipe with another peak.
   *
   * @param config the recipe
   * @param sparsity the new peak
   * @return the copy
   * @throws IllegalArgumentException if the peak of its schedule cannot be set
   */
  public static PruningConfig withFinalSparsity(PruningConfig config, double sparsity) {
    try {
      JsonNode root = new ObjectMapper().readTree(config.toJson());
      ObjectNode schedule = (ObjectNode) root.get("schedule").elements().next();
      schedule.put(schedule.has("to") ? "to" : "sparsity", sparsity);
      return PruningConfig.fromJson(root.toString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Returns a copy of a recipe whose schedule counts from the beginning of pruning.
   *
   * @param config a recipe
   * @return the copy
   */
  public static PruningConfig fromAttachment(PruningConfig config) {
    try {
      ObjectNode root = (ObjectNode) new ObjectMapper().readTree(config.toJson());
      root.put("countFrom", "attachment");
      return PruningConfig.fromJson(root.toString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
