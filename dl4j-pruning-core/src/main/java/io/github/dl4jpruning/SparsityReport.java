package io.github.dl4jpruning;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.Positions;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.report.TensorSparsity;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The sparsity of a network per tensor and in total, counted in its present parameters. {@link
 * #toString} returns a table for people, {@link #toJson} the same data for programs.
 *
 * @param tensors the counted tensors, in the order of the parameter vector
 * @param otherParameters number of parameters that are not in {@code tensors}: biases, statistics,
 *     tensors that were not selected
 * @param unknown names of parameters in layers of a type that this library does not know; they are
 *     never pruned and count as other parameters
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
    return of(network, new InputType[0]);
  }

  /**
   * Counts all weights of a network, and its MACs. Nothing is changed.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param inputs the types of its inputs, as in {@code setInputType}; if none are given, they are
   *     taken from the network as far as possible. If a sequence length is unknown, MACs are for
   *     one time step
   * @return the report
   * @throws IllegalArgumentException if the number of types differs from the number of inputs
   * @throws IllegalStateException if the network is not initialised
   */
  public static SparsityReport of(Model network, InputType... inputs) {
    NetworkParameters parameters = NetworkParameters.of(network);
    return count(
        parameters,
        parameters.parameters().stream().filter(p -> p.role() == Role.WEIGHT).toList(),
        Positions.of(network, inputs));
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
    return count(
        parameters,
        filter.select(parameters.parameters(), parameters.layers()),
        Positions.of(network));
  }

  private static SparsityReport count(
      NetworkParameters network, List<PrunableParameter> selected, Map<String, Long> positions) {
    List<TensorSparsity> tensors =
        selected.stream()
            .map(
                p ->
                    new TensorSparsity(
                        p.name(),
                        p.layerType(),
                        p.shape(),
                        p.length(),
                        TensorSparsity.countNonZeros(network.values(p)),
                        positions.getOrDefault(p.name(), TensorSparsity.UNKNOWN)))
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
   * Returns the number of weights.
   *
   * @return the elements of all counted tensors
   */
  public long weights() {
    return tensors.stream().mapToLong(TensorSparsity::weights).sum();
  }

  /**
   * Returns ‖W‖₀.
   *
   * @return the number of counted weights that are not zero
   */
  public long nonZeros() {
    return tensors.stream().mapToLong(TensorSparsity::nonZeros).sum();
  }

  /**
   * Returns the fraction of weights that are zero.
   *
   * @return a number in [0, 1]
   */
  public double sparsity() {
    return TensorSparsity.sparsity(weights(), nonZeros());
  }

  /**
   * Returns the compression ratio.
   *
   * @return weights / ‖W‖₀; infinite if all weights are zero
   */
  public double compressionRatio() {
    return TensorSparsity.compressionRatio(weights(), nonZeros());
  }

  /**
   * Returns the MACs for one example with dense kernels.
   *
   * @return the sum over all counted tensors; empty if one of them is unknown
   */
  public OptionalLong macs() {
    return sum(TensorSparsity::macs);
  }

  /**
   * Returns the MACs for one example if operations with a zero weight were skipped. DL4J's kernels
   * do not skip them.
   *
   * @return the sum over all counted tensors; empty if one of them is unknown
   */
  public OptionalLong nonZeroMacs() {
    return sum(TensorSparsity::nonZeroMacs);
  }

  private OptionalLong sum(ToLongFunction<TensorSparsity> macs) {
    boolean known = tensors.stream().allMatch(t -> t.positions() != TensorSparsity.UNKNOWN);
    return known ? OptionalLong.of(tensors.stream().mapToLong(macs).sum()) : OptionalLong.empty();
  }

  /**
   * Returns the report as JSON: {@code tensors} (an array of name, layerType, shape, weights,
   * nonZeros, sparsity, compressionRatio, macs, nonZeroMacs), {@code total} (the same without name,
   * type and shape), {@code otherParameters} and {@code unknown}. An infinite ratio and unknown
   * MACs are null.
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
      boolean known = tensor.positions() != TensorSparsity.UNKNOWN;
      row.put("macs", known ? (Long) tensor.macs() : null);
      row.put("nonZeroMacs", known ? (Long) tensor.nonZeroMacs() : null);
    }
    ObjectNode total = root.putObject("total");
    putCounts(total, weights(), nonZeros());
    total.put("macs", macs().isPresent() ? (Long) macs().getAsLong() : null);
    total.put("nonZeroMacs", nonZeroMacs().isPresent() ? (Long) nonZeroMacs().getAsLong() : null);
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

  /** If every weight is used once, as in a perceptron, MACs equal weights and are left out. */
  private boolean macsAreNews() {
    return tensors.stream().anyMatch(t -> t.positions() > 1);
  }

  @Override
  public String toString() {
    List<String> header =
        new ArrayList<>(
            List.of("parameter", "layer", "shape", "weights", "non-zeros", "sparsity", "ratio"));
    if (macsAreNews()) {
      header.addAll(List.of("MACs", "of non-zeros"));
    }
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (TensorSparsity t : tensors) {
      String shape = t.shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
      boolean known = t.positions() != TensorSparsity.UNKNOWN;
      OptionalLong macs = known ? OptionalLong.of(t.macs()) : OptionalLong.empty();
      OptionalLong left = known ? OptionalLong.of(t.nonZeroMacs()) : OptionalLong.empty();
      row(table, t.name(), t.layerType(), shape, t.weights(), t.nonZeros(), macs, left);
    }
    table.rule();
    row(table, "total (‖W‖₀)", "", "", weights(), nonZeros(), macs(), nonZeroMacs());
    String note =
        String.format(Locale.ROOT, "not counted: %,d other parameters\n", otherParameters);
    if (!unknown.isEmpty()) {
      note +=
          "left dense, since their layer type is not known: " + String.join(", ", unknown) + "\n";
    }
    return table + note;
  }

  private void row(
      TextTable table,
      String name,
      String type,
      String shape,
      long weights,
      long nonZeros,
      OptionalLong macs,
      OptionalLong nonZeroMacs) {
    double ratio = TensorSparsity.compressionRatio(weights, nonZeros);
    List<String> cells =
        new ArrayList<>(
            List.of(
                name,
                type,
                shape,
                String.format(Locale.ROOT, "%,d", weights),
                String.format(Locale.ROOT, "%,d", nonZeros),
                Percent.of(TensorSparsity.sparsity(weights, nonZeros)),
                Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.1f×", ratio) : "∞"));
    if (macsAreNews()) {
      cells.add(text(macs));
      cells.add(text(nonZeroMacs));
    }
    table.row(cells.toArray(String[]::new));
  }

  private static String text(OptionalLong count) {
    return count.isPresent() ? String.format(Locale.ROOT, "%,d", count.getAsLong()) : "?";
  }
}
