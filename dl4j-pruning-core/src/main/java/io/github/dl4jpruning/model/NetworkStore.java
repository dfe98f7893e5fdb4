package io.github.dl4jpruning.model;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes the parts of a network to streams, in the form of DL4J's own {@code ModelSerializer}, and
 * makes a network of them again.
 */
public final class NetworkStore {

  /** An array of a few axes: its shape needs less than this. */
  private static final int LONGEST_SHAPE = 100;

  private NetworkStore() {}

  /**
   * The states of ND4J's random generator of this thread, from which dropout draws.
   *
   * @param root first half
   * @param node second half
   */
  public record RandomState(long root, long node) {

    /**
     * Reads it.
     *
     * @return the state now
     */
    public static RandomState now() {
      Random random = Nd4j.getRandom();
      return new RandomState(random.rootState(), random.nodeState());
    }

    /** Puts it in force. */
    public void restore() {
      Nd4j.getRandom().setStates(root, node);
    }
  }

  /**
   * Whether a model is a graph.
   *
   * @param network a network
   * @return true for a {@code ComputationGraph}, false for a {@code MultiLayerNetwork}
   * @throws IllegalArgumentException if it is neither
   */
  public static boolean isGraph(Model network) {
    return Network.of(network).model() instanceof ComputationGraph;
  }

  /**
   * Writes the configuration as JSON.
   *
   * @param network the network
   * @param iterationsAhead what to add to its count of iterations: 1 where DL4J has made a step but
   *     not counted it yet
   * @param epochsAhead the same for epochs
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   */
  public static void writeConfiguration(
      Model network, int iterationsAhead, int epochsAhead, OutputStream out) throws IOException {
    String json;
    if (network instanceof ComputationGraph graph) {
      ComputationGraphConfiguration configuration = graph.getConfiguration();
      int iterations = configuration.getIterationCount();
      int epochs = configuration.getEpochCount();
      try {
        configuration.setIterationCount(iterations + iterationsAhead);
        configuration.setEpochCount(epochs + epochsAhead);
        json = configuration.toJson();
      } finally {
        configuration.setIterationCount(iterations);
        configuration.setEpochCount(epochs);
      }
    } else {
      MultiLayerConfiguration configuration =
          ((MultiLayerNetwork) network).getLayerWiseConfigurations();
      int iterations = configuration.getIterationCount();
      int epochs = configuration.getEpochCount();
      try {
        configuration.setIterationCount(iterations + iterationsAhead);
        configuration.setEpochCount(epochs + epochsAhead);
        json = configuration.toJson();
      } finally {
        configuration.setIterationCount(iterations);
        configuration.setEpochCount(epochs);
      }
    }
    out.write(json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes the parameters.
   *
   * @param network the network
   * @param out where to; not closed
   * @throws IOException if they cannot be written
   */
  public static void writeParameters(Model network, OutputStream out) throws IOException {
    write(network.params(), out);
  }

  /**
   * Writes the state of the updater, if it has any.
   *
   * @param network the network
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   */
  public static void writeUpdaterState(Model network, OutputStream out) throws IOException {
    write(Network.of(network).updater().getStateViewArray(), out);
  }

  /**
   * Whether there is a state of the updater to be saved.
   *
   * @param network the network
   * @return false for an updater without state
   */
  public static boolean hasUpdaterState(Model network) {
    var updater = Network.of(network).updater();
    return updater != null
        && updater.getStateViewArray() != null
        && updater.getStateViewArray().length() > 0;
  }

  private static void write(INDArray array, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    Nd4j.write(array, data);
    data.flush();
  }

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
    }
  }

  /**
   * Checks that a configuration can be read again, by one who allows the classes that it names.
   *
   * @param json the configuration
   * @param most bytes that it may have
   * @throws IOException if it is too long, or has a part that is not read
   */
  public static void checkReadable(String json, int most) throws IOException {
    if (json.length() > most) {
      throw new IOException(
          "expected a configuration of at most " + most + " letters, but it has " + json.length());
    }
    SafeConfiguration.checkForm(json);
  }

  /**
   * Initialises a network with parameters that are there already: DL4J's initialisers may refuse,
   * draw from its random generator, and take their time.
   *
   * @param configuration a {@code MultiLayerConfiguration} or a {@code
   *     ComputationGraphConfiguration}
   * @param parameters all parameters, which the network keeps; null for none
   */
  static Model initialise(Object configuration, INDArray parameters) {
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
   * Sets the parameters.
   *
   * @param network the network
   * @param in what {@link #writeParameters} wrote
   * @throws IOException if it is something else, or of another length or type
   */
  public static void readParameters(Model network, InputStream in) throws IOException {
    read("parameters", network.params(), in);
  }

  /**
   * Sets the state of the updater.
   *
   * @param network the network
   * @param in what {@link #writeUpdaterState} wrote
   * @throws IOException if it is something else, or of another length or type
   */
  public static void readUpdaterState(Model network, InputStream in) throws IOException {
    INDArray state = Network.of(network).updater().getStateViewArray();
    if (state == null) {
      throw new IOException("expected no updater state, since the updater has none, but found one");
    }
    read("updater state", state, in);
  }

  /**
   * Reads into an array that is there. Not by ND4J's own {@code read}: what stands in the stream
   * would decide over memory there, and a damaged shape ends the process.
   */
  private static void read(String what, INDArray target, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(new BufferedInputStream(in, 1 << 16));
    try {
      data.readUTF(); // how ND4J allocated it
      long shape = data.readLong();
      String shapeType = data.readUTF();
      if (shape < 1 || shape > LONGEST_SHAPE || !shapeType.equals("LONG")) {
        throw new IOException(
            what + ": expected the shape of an array, but found " + shape + " of " + shapeType);
      }
      data.skipNBytes(shape * Long.BYTES);
      data.readUTF();
      long length = data.readLong();
      String type = data.readUTF();
      if (length != target.length() || !type.equals(target.dataType().name())) {
        throw new IOException(
            what
                + ": expected "
                + target.length()
                + " values of type "
                + target.dataType()
                + ", but found "
                + length
                + " of type "
                + type);
      }
      FlatValues.of(target).read(data, length);
    } catch (EOFException | UTFDataFormatException e) {
      throw new IOException(what + ": expected an array, but it is damaged or ends too early", e);
    }
  }

  /**
   * Tells networks of different configuration apart.
   *
   * @param network the network
   * @return a short text, the same for the same configuration, whatever its counts
   */
  public static String fingerprint(Model network) {
    String json =
        network instanceof ComputationGraph graph
            ? graph.getConfiguration().toJson()
            : ((MultiLayerNetwork) network).getLayerWiseConfigurations().toJson();
    CRC32 checksum = new CRC32();
    checksum.update(
        json.replaceAll("\"(iteration|epoch)Count\"\\s*:\\s*\\d+", "")
            .getBytes(StandardCharsets.UTF_8));
    return "network " + Long.toHexString(checksum.getValue());
  }

  /**
   * Tells networks with other parameters apart.
   *
   * @param network an initialised network
   * @return a CRC-32 of all bits of its parameters
   */
  public static long parameterChecksum(Model network) {
    CRC32 checksum = new CRC32();
    try {
      writeParameters(network, new CheckedOutputStream(OutputStream.nullOutputStream(), checksum));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // writing to nowhere cannot fail
    }
    return checksum.getValue();
  }

  /**
   * Makes a network of its own with the same configuration and parameters. The updater starts anew,
   * and there are no listeners. ND4J's random generator is where it was, though making a network
   * draws from it.
   *
   * @param network the network; left as it is
   * @return the copy
   */
  public static Model copyOf(Model network) {
    RandomState random = RandomState.now();
    Model copy;
    if (network instanceof ComputationGraph graph) {
      ComputationGraph made =
          new ComputationGraph(
              ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson()));
      made.init();
      copy = made;
    } else {
      MultiLayerConfiguration configuration =
          ((MultiLayerNetwork) network).getLayerWiseConfigurations();
      MultiLayerNetwork made =
          new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration.toJson()));
      made.init();
      copy = made;
    }
    copy.params().assign(network.params());
    random.restore();
    return copy;
  }

  /**
   * Sets the learning rate of all layers, in place of a schedule if there was one. Updater state is
   * kept.
   *
   * @param network the network
   * @param rate the rate, 0 or more
   */
  public static void setLearningRate(Model network, double rate) {
    Network.of(network).setLearningRate(rate);
  }

  /**
   * Sets DL4J's counts, which schedules of the learning rate go by.
   *
   * @param network the network
   * @param iteration the iteration that comes next, from 0
   * @param epoch the epoch that comes next, from 0
   */
  public static void setCounts(Model network, int iteration, int epoch) {
    Network.of(network).setCounts(iteration, epoch);
  }

  /**
   * Applies DL4J's constraints, as it does after each step.
   *
   * @param network the network
   */
  public static void applyConstraints(Model network) {
    Network of = Network.of(network);
    network.applyConstraints(of.iteration(), of.epoch());
  }
}
