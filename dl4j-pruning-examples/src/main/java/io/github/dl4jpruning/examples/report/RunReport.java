package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.train.TrainingHistory;
import io.github.dl4jpruning.examples.train.TrainingHistory.Epoch;
import io.github.dl4jpruning.examples.train.TrainingHistory.SparsityChange;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The result of a run: dense against pruned. {@link #toString} is for people, {@link #toJson} for
 * programs.
 *
 * @param network the title of the network
 * @param data the images
 * @param config the pruning configuration, as in a recipe
 * @param settings the chosen settings, by option
 * @param dense the network without pruning
 * @param pruned the network with pruning
 */
public record RunReport(
    String network,
    ImageData data,
    PruningConfig config,
    Map<String, Object> settings,
    Outcome dense,
    Outcome pruned) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The result of one network.
   *
   * @param sparsity the sparsity, counted in its parameters
   * @param testAccuracy the fraction of the test images that are classified correctly
   * @param model its zip, as stock DL4J writes it, without updater state
   * @param modelBytes size of that zip
   * @param history the history of its training
   */
  public record Outcome(
      SparsityReport sparsity,
      double testAccuracy,
      Path model,
      long modelBytes,
      TrainingHistory history) {}

  @Override
  public String toString() {
    TextTable table = new TextTable("", "dense", "pruned");
    row(table, "test accuracy", "%.2f%%", 100 * dense.testAccuracy(), 100 * pruned.testAccuracy());
    row(
        table,
        "non-zero weights",
        "%,d",
        dense.sparsity().nonZeros(),
        pruned.sparsity().nonZeros());
    row(
        table,
        "sparsity",
        "%.2f%%",
        100 * dense.sparsity().sparsity(),
        100 * pruned.sparsity().sparsity());
    row(
        table,
        "compression ratio",
        "%.1f×",
        dense.sparsity().compressionRatio(),
        pruned.sparsity().compressionRatio());
    row(table, "model zip", "%,d bytes", dense.modelBytes(), pruned.modelBytes());
    return table + "\n" + pruned.sparsity();
  }

  private static void row(
      TextTable table, String name, String format, Object dense, Object pruned) {
    table.row(
        name,
        String.format(Locale.ROOT, format, dense),
        String.format(Locale.ROOT, format, pruned));
  }

  /**
   * Returns the report as JSON: the configuration of the run, and for {@code dense} and {@code
   * pruned} each the test accuracy, size, sparsity per tensor, epochs and mask updates.
   *
   * @return indented JSON
   */
  public String toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("network", network);
    ObjectNode images = root.putObject("data");
    images.put("origin", data.origin()).put("train", data.train().size());
    images.put("validation", data.validation().size()).put("test", data.test().size());
    root.set("settings", JSON.valueToTree(settings));
    try {
      root.set("pruning", JSON.readTree(config.toJson()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    put(root.putObject("dense"), dense);
    put(root.putObject("pruned"), pruned);
    return root.toPrettyString() + "\n";
  }

  private static void put(ObjectNode node, Outcome outcome) {
    node.put("testAccuracy", outcome.testAccuracy());
    node.put("model", outcome.model().toString()).put("modelBytes", outcome.modelBytes());
    try {
      node.set("sparsity", JSON.readTree(outcome.sparsity().toJson()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ArrayNode epochs = node.putArray("epochs");
    for (Epoch epoch : outcome.history().epochs()) {
      ObjectNode row = epochs.addObject();
      row.put("epoch", epoch.epoch()).put("iteration", epoch.iteration()).put("loss", epoch.loss());
      row.put("sparsity", epoch.sparsity());
      row.put("validationAccuracy", epoch.validationAccuracy());
    }
    ArrayNode changes = node.putArray("maskUpdates");
    for (SparsityChange change : outcome.history().changes()) {
      changes.addObject().put("iteration", change.iteration()).put("sparsity", change.sparsity());
    }
  }
}
