package io.github.dl4jpruning.models;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.report.TensorSparsity;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.runtime.SparseModel;
import io.github.dl4jpruning.shrink.CoupledChannels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * What a network consists of, and what can be done with it.
 *
 * @param layers the layers and vertices, in the order in which they run
 * @param parameters the number of all parameters
 * @param sparsity the counts of its weights
 * @param obstacle why the network cannot be exported; empty if it can
 * @param notes what else is worth knowing
 */
public record Inspection(
    List<Layer> layers,
    long parameters,
    SparsityReport sparsity,
    Optional<String> obstacle,
    List<String> notes) {

  /** Copies the lists. */
  public Inspection {
    layers = List.copyOf(layers);
    notes = List.copyOf(notes);
  }

  /**
   * A layer or a vertex.
   *
   * @param name its name
   * @param type the simple class name of its configuration
   * @param weights the number of its weights, biases not counted
   * @param nonZeros how many of them are not zero
   * @param macs multiplications for one sample; {@link TensorSparsity#UNKNOWN} if not known
   * @param shrinks whether units of it can be taken out by structured pruning
   */
  public record Layer(
      String name, String type, long weights, long nonZeros, long macs, boolean shrinks) {

    /**
     * Returns whether pruning can remove weights of it.
     *
     * @return whether it has weights
     */
    public boolean prunes() {
      return weights > 0;
    }
  }

  /**
   * Inspects a network. Nothing is changed.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param inputs the types of its inputs; none to take them from the network
   * @return its layers, and what can be done with them
   * @throws IllegalArgumentException if the number of types differs from the number of inputs
   */
  public static Inspection of(Model network, InputType... inputs) {
    SparsityReport sparsity = SparsityReport.of(network, inputs);
    NetworkTopology topology = NetworkTopology.of(network);
    List<String> notes = new ArrayList<>();
    Set<String> coupled = coupled(network, notes);
    List<Layer> layers =
        topology.nodes().stream().map(node -> layer(node, sparsity, coupled)).toList();
    if (!sparsity.unknown().isEmpty()) {
      notes.add("kinds of parameters that pruning does not know: " + sparsity.unknown());
    }
    return new Inspection(layers, network.numParams(), sparsity, obstacle(network, inputs), notes);
  }

  private static Layer layer(
      NetworkTopology.Node node, SparsityReport sparsity, Set<String> coupled) {
    List<TensorSparsity> own =
        sparsity.tensors().stream().filter(tensor -> isOf(tensor.name(), node.name())).toList();
    boolean known = own.stream().noneMatch(tensor -> tensor.macs() == TensorSparsity.UNKNOWN);
    return new Layer(
        node.name(),
        node.configuration().getClass().getSimpleName(),
        own.stream().mapToLong(TensorSparsity::weights).sum(),
        own.stream().mapToLong(TensorSparsity::nonZeros).sum(),
        known ? own.stream().mapToLong(TensorSparsity::macs).sum() : TensorSparsity.UNKNOWN,
        coupled.contains(node.name()));
  }

  /** A tensor is named after its layer and its key, which has no dot. */
  private static boolean isOf(String tensor, String layer) {
    return tensor.lastIndexOf('.') == layer.length() && tensor.startsWith(layer);
  }

  private static Set<String> coupled(Model network, List<String> notes) {
    try {
      return CoupledChannels.of(network).sets().stream()
          .flatMap(set -> set.layers().stream())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IllegalArgumentException e) {
      notes.add("structured pruning: " + e.getMessage());
      return Set.of();
    }
  }

  private static Optional<String> obstacle(Model network, InputType... inputs) {
    try {
      ExportOptions options = ExportOptions.defaults().withInputTypes(inputs);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      RuntimeExporter.write(InferencePlan.of(network, options), options, bytes);
      SparseModel.load(new ByteArrayInputStream(bytes.toByteArray()));
      return Optional.empty();
    } catch (IllegalArgumentException | IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Returns a table for users. */
  @Override
  public String toString() {
    TextTable table =
        new TextTable("layer", "type", "weights", "zeros", "MACs", "can be pruned", "can shrink");
    for (Layer layer : layers) {
      table.row(
          layer.name(),
          layer.type(),
          layer.prunes() ? number(layer.weights()) : "-",
          layer.prunes()
              ? Percent.of(TensorSparsity.sparsity(layer.weights(), layer.nonZeros()))
              : "-",
          !layer.prunes()
              ? "-"
              : layer.macs() == TensorSparsity.UNKNOWN ? "?" : number(layer.macs()),
          layer.prunes() ? "yes" : "-",
          layer.shrinks() ? "yes" : "-");
    }
    StringBuilder text = new StringBuilder(table.toString());
    text.append(
        String.format(
            Locale.ROOT,
            "%,d parameters, %,d of %,d weights are zero (%s).\n",
            parameters,
            sparsity.weights() - sparsity.nonZeros(),
            sparsity.weights(),
            Percent.of(sparsity.sparsity())));
    text.append("export: ").append(obstacle.orElse("yes")).append('\n');
    notes.forEach(note -> text.append("note: ").append(note).append('\n'));
    return text.toString();
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
