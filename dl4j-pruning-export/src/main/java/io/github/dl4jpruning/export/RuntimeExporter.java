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
 * <p>The file contains only what inference needs: no updater state, no dead units, no layers that
 * only training needs. Before it is written, its contents are read back and compared with DL4J; the
 * result is written next to it as JSON.
 */
public final class RuntimeExporter {

  /**
   * The suffix of the file with the result of the check, appended to the name of the runtime file.
   */
  public static final String CHECK = CheckedPlan.CHECK;

  private RuntimeExporter() {}

  /**
   * Writes a network with default options.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param file the target; written under a temporary name and then renamed
   * @return the contents of the file, and its comparison with DL4J
   * @throws IllegalArgumentException if a layer cannot be exported; then nothing is written
   * @throws IOException if the file cannot be written
   */
  public static ExportReport write(Model network, Path file) throws IOException {
    return write(network, file, ExportOptions.defaults());
  }

  /**
   * Writes a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param file the target; written under a temporary name and then renamed
   * @param options the types of inputs, a normaliser, half precision, data for the check
   * @return the contents of the file, and its comparison with DL4J
   * @throws IllegalArgumentException if a layer cannot be exported; then nothing is written
   * @throws IllegalStateException if outputs differ from DL4J's outputs by more than the tolerance;
   *     then nothing is written
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
   * @param plan the plan
   * @param options only half precision is used; the plan already contains the rest
   * @param out the target; not closed
   * @throws IOException if writing fails
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
