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

/** Makes networks of configurations, and of other networks. */
public final class NetworkMaker {

  /** Some thousands of layers. */
  static final int MOST_TENSORS = 1 << 15;

  private NetworkMaker() {}

  /**
   * Makes a network of its configuration, with parameters that are not set yet.
   *
   * @param graph whether it is a graph
   * @param json the configuration
   * @param bytes how many bytes are there for the parameters: no more is allocated
   * @return the network, initialised
   * @throws IOException if the configuration cannot be read, or has more parameters than that
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
    } catch (RuntimeException e) { // whatever DL4J throws at what it cannot read
      throw new IOException("the network's configuration cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Makes a network of a configuration that is not trusted, with all parameters zero. ND4J's random
   * generator is left alone.
   *
   * @param graph whether it is a graph
   * @param json the configuration
   * @param parameters how many parameters it has to have: no more are allocated
   * @param type their type, by DL4J's name
   * @param allowed classes that it may name, besides DL4J's own
   * @return the network, initialised
   * @throws IOException if the configuration cannot be read, names another class, or has another
   *     number of parameters or another type
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
    } catch (RuntimeException | LinkageError e) { // whatever DL4J throws at what cannot be
      throw new IOException("expected a network, but none can be made: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) { // of what is no more than was allowed
      throw new IOException(
          "expected room for "
              + parameters
              + " parameters, but found too little: "
              + e.getMessage(),
          e);
    }
  }

  /** A tensor costs more than a kilobyte, however few its elements are. */
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

  /** A layer around another one may say that it has none. */
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

  /** DL4J takes the order of vertices from the configuration as it is, if there is one. */
  private static void checkOrder(ComputationGraphConfiguration configuration) throws IOException {
    int[] indices = configuration.getTopologicalOrder();
    List<String> names = configuration.getTopologicalOrderStr();
    if (indices == null || names == null) {
      return; // then it finds one
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
                + " stands before one of "
                + sources);
      }
      before.add(name);
    }
  }

  /**
   * Checks that a configuration can be read again, by one who allows the classes that it names.
   *
   * @param network the network
   * @param json its configuration
   * @param most bytes that it may have
   * @throws IOException if it is too long, or has a part that is not read
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
   * Initialises a network with parameters that are there already: DL4J's initialisers may refuse,
   * draw from its random generator, and take their time.
   *
   * @param configuration a {@code MultiLayerConfiguration} or a {@code
   *     ComputationGraphConfiguration}
   * @param parameters all parameters, which the network keeps; null for none
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
   * Makes a network of its own with the same configuration, counts and parameters. The updater
   * starts anew, and there are no listeners. ND4J's random generator is left alone.
   *
   * @param network the network; left as it is
   * @return the copy
   * @throws IllegalArgumentException if its configuration cannot be copied
   */
  public static Model copyOf(Model network) {
    INDArray parameters = network.numParams() == 0 ? null : network.params().dup();
    return initialise(ConfigurationCopy.of(network), parameters);
  }
}
