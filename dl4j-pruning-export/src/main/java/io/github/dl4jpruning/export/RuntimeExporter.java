package io.github.dl4jpruning.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;

/**
 * Writes a network as a runtime file, which {@code SparseModel} of {@code dl4j-pruning-runtime}
 * runs in plain Java.
 *
 * <pre>{@code
 * RuntimeExporter.write(network, Path.of("model.dl4jrun"));
 * }</pre>
 *
 * <p>The file has no more than what inference needs: no updater state, no dead units, no layers of
 * training. Before it is written, it is read again and compared with DL4J; the result stands beside
 * it as JSON.
 */
public final class RuntimeExporter {

  /** What is appended to the name of a file for the result of the check. */
  public static final String CHECK = CheckedPlan.CHECK;

  private RuntimeExporter() {}

  /**
   * Writes a network as it is.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @param file where to; written under a temporary name and renamed
   * @return what was written, and how it compares with DL4J
   * @throws IllegalArgumentException if a layer cannot be exported; nothing is written then
   * @throws IOException if the file cannot be written
   */
  public static ExportReport write(Model network, Path file) throws IOException {
    return write(network, file, ExportOptions.defaults());
  }

  /**
   * Writes a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @param file where to; written under a temporary name and renamed
   * @param options types of inputs, a normaliser, half precision, data to check on
   * @return what was written, and how it compares with DL4J
   * @throws IllegalArgumentException if a layer cannot be exported; nothing is written then
   * @throws IllegalStateException if outputs differ from those of DL4J by more than the tolerance;
   *     nothing is written then
   * @throws IOException if the file cannot be written
   */
  public static ExportReport write(Model network, Path file, ExportOptions options)
      throws IOException {
    CheckedPlan checked = CheckedPlan.of(network, options, file);
    return checked.write(file, checked.runtimeFile());
  }

  /**
   * Writes a plan to a stream, without a check.
   *
   * @param plan what to write
   * @param options half precision; the rest is in the plan already
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(InferencePlan plan, ExportOptions options, OutputStream out)
      throws IOException {
    RuntimeWriter.write(plan, properties(plan), options.halfPrecision(), out);
  }

  private static Map<String, String> properties(InferencePlan plan) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("producer", "dl4j-pruning");
    properties.put("sparsity", String.format(Locale.ROOT, "%.4f", plan.sparsity()));
    return properties;
  }
}
