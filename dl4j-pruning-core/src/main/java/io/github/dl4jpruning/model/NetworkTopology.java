package io.github.dl4jpruning.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The connections between the layers and vertices of a network of either kind, as in its
 * configuration. Sources are numbered: first the inputs of the network, then the nodes.
 *
 * @param inputNames names of the inputs of a graph; one empty name for a network of layers
 * @param nodes layers and vertices, each after its sources
 * @param outputs the nodes whose activations are the outputs of the network, as source numbers
 */
public record NetworkTopology(List<String> inputNames, List<Node> nodes, List<Integer> outputs) {

  /**
   * A layer or a vertex.
   *
   * @param name a name that is unique in the network
   * @param title the name in the network's configuration, which several layers may share
   * @param configuration the configuration of a layer (wrappers included) or of another vertex
   * @param preProcessor the preprocessor of a layer's input, if any
   * @param sources the numbers of the sources that it reads
   */
  public record Node(
      String name,
      String title,
      Object configuration,
      Optional<InputPreProcessor> preProcessor,
      List<Integer> sources) {
    /** Copies the list. */
    public Node {
      sources = List.copyOf(sources);
    }
  }

  /** Copies the lists. */
  public NetworkTopology {
    inputNames = List.copyOf(inputNames);
    nodes = List.copyOf(nodes);
    outputs = List.copyOf(outputs);
  }

  /**
   * Returns the number of inputs of the network.
   *
   * @return at least 1
   */
  public int inputs() {
    return inputNames.size();
  }

  /**
   * Reads the topology of a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @return the topology
   * @throws IllegalArgumentException if it is neither
   */
  public static NetworkTopology of(Model network) {
    List<Network.Part> parts = Network.of(network).parts();
    return network instanceof ComputationGraph graph
        ? ofGraph(graph.getConfiguration(), parts)
        : ofLayers(((MultiLayerNetwork) network).getLayerWiseConfigurations(), parts);
  }

  private static NetworkTopology ofLayers(
      MultiLayerConfiguration configuration, List<Network.Part> parts) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Network.Part part = parts.get(i);
      nodes.add(
          new Node(
              part.name(),
              part.title(),
              part.configuration(),
              Optional.ofNullable(configuration.getInputPreProcess(i)),
              List.of(i))); // the input of the network is source 0, so layer i is source i + 1
    }
    return new NetworkTopology(List.of(""), nodes, List.of(parts.size()));
  }

  private static NetworkTopology ofGraph(
      ComputationGraphConfiguration configuration, List<Network.Part> parts) {
    Map<String, Integer> numbers = new HashMap<>();
    configuration.getNetworkInputs().forEach(input -> numbers.put(input, numbers.size()));
    List<Node> nodes = new ArrayList<>();
    for (Network.Part part : parts) {
      Object vertex = part.configuration();
      Optional<InputPreProcessor> preProcessor = Optional.empty();
      if (vertex instanceof LayerVertex layer) {
        preProcessor = Optional.ofNullable(layer.getPreProcessor());
        vertex = layer.getLayerConf().getLayer();
      }
      List<Integer> sources =
          Objects.requireNonNull(
                  configuration.getVertexInputs().get(part.name()),
                  "only the inputs of a graph read nothing, and they are no parts")
              .stream()
              .map(numbers::get)
              .toList();
      numbers.put(part.name(), numbers.size());
      nodes.add(new Node(part.name(), part.title(), vertex, preProcessor, sources));
    }
    return new NetworkTopology(
        configuration.getNetworkInputs(),
        nodes,
        configuration.getNetworkOutputs().stream().map(numbers::get).toList());
  }
}
