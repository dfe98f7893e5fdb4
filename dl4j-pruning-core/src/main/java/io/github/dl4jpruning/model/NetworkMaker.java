package io.github.dl4jpruning.model;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Creates networks from configurations and from other networks. */
public final class NetworkMaker {

  /** Enough for several thousand layers. */
  static final int MOST_TENSORS = 1 << 15;

  private NetworkMaker() {}

  /**
   * Creates a network from its configuration. The saved parameters still have to be set.
   *
   * @param graph whether the network is a graph
   * @param json the configuration
   * @param bytes the number of bytes available for the parameters; no more is allocated
   * @return the network, initialised
   * @throws IOException if the configuration cannot be read, or its parameters need more bytes
   */
  public static Model create(boolean graph, String json, long bytes) throws IOException {
    try {
      Object configuration =
          graph
              ? ComputationGraphConfiguration.fromJson(json)
              : MultiLayerConfiguration.fromJson(json);
      checkFits(parameters(configuration), dataType(configuration), bytes);
      Model network =
          graph
              ? new ComputationGraph((ComputationGraphConfiguration) configuration)
              : new MultiLayerNetwork((MultiLayerConfiguration) configuration);
      network.init();
      return network;
    } catch (RuntimeException e) { // DL4J may throw anything if it cannot read
      throw new IOException("the network's configuration cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Creates a network from an untrusted configuration, with all parameters zero. ND4J's random
   * generator is not used.
   *
   * @param graph whether the network is a graph
   * @param json the configuration
   * @param parameters the required number of parameters; no more are allocated
   * @param type the type of the parameters, by DL4J's name
   * @param allowed classes that the configuration may name in addition to DL4J's own
   * @return the network, initialised
   * @throws IOException if the configuration cannot be read, names any other class, or has a
   *     different number or type of parameters
   */
  public static Model createZero(
      boolean graph, String json, long parameters, String type, List<String> allowed)
      throws IOException {
    Object configuration = new SafeConfiguration(allowed).read(graph, json);
    try {
      if (configuration instanceof ComputationGraphConfiguration graphConfiguration) {
        checkOrder(graphConfiguration);
      }
      checkTensors(configuration);
      long found = parameters(configuration);
      DataType foundType = dataType(configuration);
      boolean sameType = foundType.name().equals(type) || parameters == 0;
      if (found != parameters || !sameType) {
        throw new IOException(
            "expected a configuration with "
                + parameters
                + " parameters of type "
                + type
                + ", but found one with "
                + found
                + " of type "
                + foundType);
      }
      return initialise(
          configuration, parameters == 0 ? null : Nd4j.create(foundType, 1, parameters));
    } catch (RuntimeException | LinkageError e) { // DL4J throws these for impossible networks
      throw new IOException("expected a network, but none can be made: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) { // even the allowed number may be too much
      throw new IOException(
          "expected memory for "
              + parameters
              + " parameters, but found too little: "
              + e.getMessage(),
          e);
    }
  }

  /** A tensor takes more than a kilobyte, however few elements it has. */
  private static void checkTensors(Object configuration) throws IOException {
    Stream<NeuralNetConfiguration> layers =
        configuration instanceof ComputationGraphConfiguration graph
            ? graph.getVertices().values().stream().flatMap(NetworkMaker::layer)
            : ((MultiLayerConfiguration) configuration).getConfs().stream();
    long tensors =
        layers.map(NeuralNetConfiguration::getLayer).mapToLong(NetworkMaker::tensors).sum();
    if (tensors > MOST_TENSORS) {
      throw new IOException(
          "expected a network of at most "
              + MOST_TENSORS
              + " tensors of parameters, but it has "
              + tensors);
    }
  }

  /** Looks inside wrappers, since a wrapper may report no parameters. */
  private static long tensors(Layer layer) {
    if (layer instanceof FrozenLayer frozen) {
      return tensors(frozen.getLayer());
    } else if (layer instanceof BaseWrapperLayer wrapper) {
      return tensors(wrapper.getUnderlying());
    } else if (layer instanceof Bidirectional both) {
      return tensors(both.getFwd()) + tensors(both.getBwd());
    }
    return layer.initializer().paramKeys(layer).size();
  }

  private static Stream<NeuralNetConfiguration> layer(GraphVertex vertex) {
    if (vertex instanceof FrozenVertex frozen) {
      return layer(frozen.getUnderlying());
    }
    return vertex instanceof LayerVertex layer ? Stream.of(layer.getLayerConf()) : Stream.of();
  }

  /** DL4J uses the order of vertices in the configuration unchecked, if there is one. */
  private static void checkOrder(ComputationGraphConfiguration configuration) throws IOException {
    int[] indices = configuration.getTopologicalOrder();
    List<String> names = configuration.getTopologicalOrderStr();
    if (indices == null || names == null) {
      return; // DL4J then computes the order
    }
    Set<String> all = new HashSet<>(configuration.getNetworkInputs());
    all.addAll(configuration.getVertices().keySet());
    int count = all.size();
    boolean whole =
        indices.length == count
            && names.size() == count
            && all.containsAll(names)
            && Set.copyOf(names).size() == count
            && Arrays.equals(
                IntStream.of(indices).sorted().toArray(), IntStream.range(0, count).toArray());
    if (!whole) {
      throw new IOException(
          "expected an order of the graph's " + count + " vertices, but found another");
    }
    Set<String> before = new HashSet<>(configuration.getNetworkInputs());
    for (String name : names) {
      List<String> sources = configuration.getVertexInputs().get(name);
      if (sources != null && !before.containsAll(sources)) {
        throw new IOException(
            "expected vertices in the order in which they are computed, but "
                + name
                + " comes before one of "
                + sources);
      }
      before.add(name);
    }
  }

  /**
   * Checks that a configuration can be read back by a reader that allows the classes that it names.
   *
   * @param network the network
   * @param json its configuration
   * @param most the largest length in characters
   * @throws IOException if it is too long, or has a part that the reader would reject
   */
  public static void checkReadable(Model network, String json, int most) throws IOException {
    if (json.length() > most) {
      throw new IOException(
          "expected a configuration of at most " + most + " letters, but it has " + json.length());
    }
    ConfigurationForm.check(json, name -> true);
    checkTensors(
        network instanceof ComputationGraph graph
            ? graph.getConfiguration()
            : ((MultiLayerNetwork) network).getLayerWiseConfigurations());
  }

  /**
   * Initialises a network with existing parameters. DL4J's initialisers are not run: they may fail,
   * draw from its random generator, and take time.
   *
   * @param configuration a {@code MultiLayerConfiguration} or a {@code
   *     ComputationGraphConfiguration}
   * @param parameters all parameters, which the network uses without a copy; null for none
   */
  static Model initialise(Object configuration, @Nullable INDArray parameters) {
    if (configuration instanceof ComputationGraphConfiguration graph) {
      ComputationGraph network = new ComputationGraph(graph);
      network.init(parameters, false);
      return network;
    }
    MultiLayerNetwork network = new MultiLayerNetwork((MultiLayerConfiguration) configuration);
    network.init(parameters, false);
    return network;
  }

  private static long parameters(Object configuration) {
    return configuration instanceof ComputationGraphConfiguration graph
        ? graph.getVertices().values().stream().mapToLong(v -> v.numParams(false)).sum()
        : ((MultiLayerConfiguration) configuration)
            .getConfs().stream()
                .mapToLong(conf -> conf.getLayer().initializer().numParams(conf))
                .sum();
  }

  private static DataType dataType(Object configuration) {
    return configuration instanceof ComputationGraphConfiguration graph
        ? graph.getDataType()
        : ((MultiLayerConfiguration) configuration).getDataType();
  }

  private static void checkFits(long parameters, DataType type, long bytes) throws IOException {
    if (parameters < 0 || parameters > bytes / type.width()) {
      throw new IOException(
          "expected at most "
              + bytes
              + " bytes of parameters, but the configuration has "
              + parameters
              + " of type "
              + type);
    }
  }

  /**
   * Creates an independent network with the same configuration, counts and parameters. Its updater
   * is new, and it has no listeners. ND4J's random generator is not used.
   *
   * @param network the network; not changed
   * @return the copy
   * @throws IllegalArgumentException if its configuration cannot be copied
   */
  public static Model copyOf(Model network) {
    INDArray parameters = network.numParams() == 0 ? null : network.params().dup();
    return initialise(ConfigurationCopy.of(network), parameters);
  }
}
