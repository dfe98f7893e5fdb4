package io.github.dl4jpruning;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.report.TensorSparsity;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * How sparse a network is, counted in its parameters as they are: per tensor and in total. {@link
 * #toString} is a table to read, {@link #toJson} the same for programs.
 *
 * @param tensors what was counted, by rising offset in the parameter vector
 * @param otherParameters number of parameters that are not in {@code tensors}: biases, statistics,
 *     tensors that were not selected
 * @param unknown names of parameters in layers of a type that is not known here; they are never
 *     pruned and count as others
 */
public record SparsityReport(
    List<TensorSparsity> tensors, long otherParameters, List<String> unknown) {

  /** Copies the lists. */
  public SparsityReport {
    tensors = List.copyOf(tensors);
    unknown = List.copyOf(unknown);
  }

  /**
   * Counts all weights of a network. Nothing is changed.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @return the report
   * @throws IllegalStateException if the network is not initialised
   */
  public static SparsityReport of(Model network) {
    NetworkParameters parameters = NetworkParameters.of(network);
    return count(
        parameters, parameters.parameters().stream().filter(p -> p.role() == Role.WEIGHT).toList());
  }

  /**
   * Counts some weights of a network. Nothing is changed.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param filter which weights to count
   * @return the report
   * @throws IllegalArgumentException if the filter does not fit the network
   * @throws IllegalStateException if the network is not initialised
   */
  public static SparsityReport of(Model network, ParameterFilter filter) {
    NetworkParameters parameters = NetworkParameters.of(network);
    return count(parameters, filter.select(parameters.parameters(), parameters.layers()));
  }

  private static SparsityReport count(NetworkParameters network, List<PrunableParameter> selected) {
    List<TensorSparsity> tensors =
        selected.stream()
            .map(
                p ->
                    new TensorSparsity(
                        p.name(),
                        p.layerType(),
                        p.shape(),
                        p.length(),
                        TensorSparsity.countNonZeros(network.values(p))))
            .toList();
    long counted = selected.stream().mapToLong(PrunableParameter::length).sum();
    List<String> unknown =
        network.parameters().stream()
            .filter(p -> p.role() == Role.UNKNOWN)
            .map(PrunableParameter::name)
            .toList();
    return new SparsityReport(tensors, network.count() - counted, unknown);
  }

  /**
   * The number of weights.
   *
   * @return the elements of all counted tensors
   */
  public long weights() {
    return tensors.stream().mapToLong(TensorSparsity::weights).sum();
  }

  /**
   * ‖W‖₀.
   *
   * @return the number of counted weights that are not zero
   */
  public long nonZeros() {
    return tensors.stream().mapToLong(TensorSparsity::nonZeros).sum();
  }

  /**
   * The fraction of weights that are zero.
   *
   * @return a number in [0, 1]
   */
  public double sparsity() {
    return TensorSparsity.sparsity(weights(), nonZeros());
  }

  /**
   * Weights before over weights left.
   *
   * @return weights / ‖W‖₀, infinite where nothing is left
   */
  public double compressionRatio() {
    return TensorSparsity.compressionRatio(weights(), nonZeros());
  }

  /**
   * The report as JSON: {@code tensors} (an array of name, layerType, shape, weights, nonZeros,
   * sparsity, compressionRatio), {@code total} (the same without name, type and shape), {@code
   * otherParameters} and {@code unknown}. A ratio that is infinite is null.
   *
   * @return indented JSON
   */
  public String toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ArrayNode rows = root.putArray("tensors");
    for (TensorSparsity tensor : tensors) {
      ObjectNode row = rows.addObject();
      row.put("name", tensor.name()).put("layerType", tensor.layerType());
      ArrayNode shape = row.putArray("shape");
      tensor.shape().forEach(shape::add);
      putCounts(row, tensor.weights(), tensor.nonZeros());
    }
    putCounts(root.putObject("total"), weights(), nonZeros());
    root.put("otherParameters", otherParameters);
    ArrayNode names = root.putArray("unknown");
    unknown.forEach(names::add);
    return root.toPrettyString();
  }

  private static void putCounts(ObjectNode node, long weights, long nonZeros) {
    node.put("weights", weights).put("nonZeros", nonZeros);
    node.put("sparsity", TensorSparsity.sparsity(weights, nonZeros));
    double ratio = TensorSparsity.compressionRatio(weights, nonZeros);
    node.put("compressionRatio", Double.isFinite(ratio) ? (Double) ratio : null);
  }

  @Override
  public String toString() {
    TextTable table =
        new TextTable("parameter", "layer", "shape", "weights", "non-zeros", "sparsity", "ratio");
    for (TensorSparsity t : tensors) {
      String shape = t.shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
      row(table, t.name(), t.layerType(), shape, t.weights(), t.nonZeros());
    }
    table.rule();
    row(table, "total (‖W‖₀)", "", "", weights(), nonZeros());
    String note =
        String.format(Locale.ROOT, "not counted: %,d other parameters\n", otherParameters);
    if (!unknown.isEmpty()) {
      note +=
          "left dense, since their layer type is not known: " + String.join(", ", unknown) + "\n";
    }
    return table + note;
  }

  private static void row(
      TextTable table, String name, String type, String shape, long weights, long nonZeros) {
    double ratio = TensorSparsity.compressionRatio(weights, nonZeros);
    table.row(
        name,
        type,
        shape,
        String.format(Locale.ROOT, "%,d", weights),
        String.format(Locale.ROOT, "%,d", nonZeros),
        String.format(Locale.ROOT, "%.2f%%", 100.0 * TensorSparsity.sparsity(weights, nonZeros)),
        Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.1f×", ratio) : "∞");
  }
}
