package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * The number of positions at which each weight of a network is multiplied for one example: one in a
 * perceptron, every output pixel in a convolution, every time step in a recurrent layer. Weights
 * times positions are the MACs of a tensor. Weights that only pretraining uses have 0 positions.
 * Recurrent weights count in the first step as well, although the state is zero there.
 */
public final class Positions {

  private final NetworkTopology topology;

  /** The reach of each source; empty if unknown. */
  private final List<Optional<Reach>> sources = new ArrayList<>();

  /**
   * For each node, the inputs of the layer or vertex itself, after its preprocessor; empty if
   * unknown.
   */
  private final List<Optional<List<Reach>>> read = new ArrayList<>();

  /** For each node, the layer or vertex itself, without wrapping vertices. */
  private final List<Object> inner = new ArrayList<>();

  private Positions(NetworkTopology topology, InputType... inputs) {
    this.topology = topology;
    for (int source = 0; source < topology.inputs(); source++) {
      Optional<InputType> type =
          inputs.length > 0 ? Optional.of(inputs[source]) : InputGuess.of(topology, source);
      sources.add(type.map(known -> new Reach(known, 1)));
    }
    for (int i = 0; i < topology.nodes().size(); i++) {
      NetworkTopology.Node node = topology.nodes().get(i);
      List<Reach> in = node.sources().stream().map(sources::get).flatMap(Optional::stream).toList();
      read.add(Optional.empty());
      inner.add(node.configuration());
      boolean known = in.size() == node.sources().size();
      sources.add(known ? output(i, node, in) : Optional.empty());
    }
  }

  /**
   * Counts the positions in a network.
   *
   * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
   * @param inputs the types of its inputs; if none are given, they are taken from the network as
   *     far as possible. A sequence of unknown length counts as one time step
   * @return the number of positions by name of the weight tensor; tensors with an unknown number
   *     are left out
   * @throws IllegalArgumentException if the number of types differs from the number of inputs
   */
  public static Map<String, Long> of(Model network, InputType... inputs) {
    NetworkTopology topology = NetworkTopology.of(network);
    if (inputs.length > 0 && inputs.length != topology.inputs()) {
      throw new IllegalArgumentException(
          "expected one type for each of "
              + topology.inputs()
              + " inputs of the network, but found "
              + inputs.length);
    }
    Positions positions = new Positions(topology, inputs);
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < topology.nodes().size(); i++) {
      numbers.put(topology.nodes().get(i).name(), i);
    }
    Map<String, Long> found = new HashMap<>();
    for (PrunableParameter parameter : NetworkParameters.of(network).parameters()) {
      if (parameter.role() == Role.WEIGHT) {
        positions
            .of(
                Objects.requireNonNull(
                    numbers.get(parameter.layer()), "each parameter belongs to a node"),
                parameter.key())
            // Negative where DL4J computes sizes that cannot be: see Reach.
            .ifPresent(
                count -> {
                  if (count >= 0) {
                    found.put(parameter.name(), count);
                  }
                });
      }
    }
    return found;
  }

  private Optional<Reach> output(int index, NetworkTopology.Node node, List<Reach> in) {
    try {
      Object configuration = node.configuration();
      Optional<InputPreProcessor> preProcessor = node.preProcessor();
      while (configuration instanceof FrozenVertex frozen) {
        configuration = frozen.getUnderlying();
      }
      if (configuration instanceof LayerVertex vertex) {
        preProcessor = Optional.ofNullable(vertex.getPreProcessor());
        configuration = vertex.getLayerConf().getLayer();
      }
      inner.set(index, configuration);
      if (configuration instanceof Layer layer) {
        Reach own = preProcessor.map(in.get(0)::through).orElse(in.get(0));
        Reach out = own.behind(layer, index);
        read.set(index, Optional.of(List.of(own)));
        return Optional.of(out);
      }
      read.set(index, Optional.of(in));
      Reach out = VertexReach.behind((GraphVertex) configuration, index, in);
      if (configuration instanceof DuplicateToTimeSeriesVertex duplicate) {
        int input = topology.inputNames().indexOf(duplicate.getInputName());
        return sources.get(input).map(out::inStepsOf);
      }
      return Optional.of(out);
    } catch (RuntimeException e) { // layers may throw anything for an unsuitable type
      return Optional.empty();
    }
  }

  private OptionalLong of(int index, String key) {
    return read.get(index)
        .map(in -> WeightUses.of(inner.get(index), key, in))
        .orElseGet(OptionalLong::empty);
  }
}
