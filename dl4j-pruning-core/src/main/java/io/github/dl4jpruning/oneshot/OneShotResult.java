package io.github.dl4jpruning.oneshot;

import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.report.TextTable;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;

/**
 * A network that was pruned at once.
 *
 * @param network the network; its removed weights are zero
 * @param sparsity the part of the weights that is removed
 * @param layers what happened to each layer
 * @param <M> the type of network
 */
public record OneShotResult<M extends Model>(M network, double sparsity, List<LayerReport> layers) {

  /** Copies the list. */
  public OneShotResult {
    layers = List.copyOf(layers);
  }

  /** Returns a table of the layers. */
  @Override
  public String toString() {
    TextTable table =
        new TextTable("layer", "type", "removed", "of", "error", "corrected", "seconds");
    for (LayerReport layer : layers) {
      table.row(
          layer.layer(),
          layer.type(),
          String.format(Locale.ROOT, "%,d", layer.removed()),
          String.format(Locale.ROOT, "%,d", layer.weights()),
          error(layer.before()),
          layer.corrected() ? error(layer.after()) : "-",
          String.format(Locale.ROOT, "%.1f", layer.millis() / 1e3));
    }
    return table
        + "sparsity "
        + Percent.of(sparsity)
        + "; errors of each layer's output as a part of its variance\n";
  }

  private static String error(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }
}
