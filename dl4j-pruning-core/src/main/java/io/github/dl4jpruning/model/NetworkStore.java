package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
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
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes the parts of a network to streams in the format of DL4J's {@code ModelSerializer}, and
 * reads them into a network.
 */
public final class NetworkStore {

  /** The shape of an array with a few axes is shorter than this. */
  private static final int LONGEST_SHAPE = 100;

  private NetworkStore() {}

  /**
   * Returns whether a model is a graph.
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
   * @param configuration the configuration of the network
   * @param out the target; not closed
   * @throws IOException if writing fails
   */
  public static void writeConfiguration(SavedConfiguration configuration, OutputStream out)
      throws IOException {
    out.write(configuration.json().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes the parameters.
   *
   * @param network the network
   * @param out the target; not closed
   * @throws IOException if writing fails
   */
  public static void writeParameters(Model network, OutputStream out) throws IOException {
    write(network.params(), out);
  }

  /**
   * Writes the state of the updater, in the layout of a network that is created from the saved
   * configuration.
   *
   * @param network a network whose updater has state
   * @param configuration its configuration, as saved in the same file
   * @param out the target; not closed
   * @throws IOException if writing fails
   * @throws IllegalArgumentException if the updater has no state
   */
  public static void writeUpdaterState(
      Model network, SavedConfiguration configuration, OutputStream out) throws IOException {
    INDArray state = stateFor(network, configuration);
    if (state == null) {
      throw new IllegalArgumentException(
          "expected a network whose updater has state, but this updater has none");
    }
    write(state, out);
  }

  /** Returns the state of a network's updater as one array; null if it has none. */
  static @Nullable INDArray stateFor(Model network, SavedConfiguration configuration) {
    Network source = Network.of(network);
    INDArray state = source.updaterState();
    if (configuration.keepsUpdaterLayout() || state == null) {
      return state;
    }
    INDArray parameters = Nd4j.create(source.parameters().dataType(), 1, source.count());
    Model twin = NetworkMaker.initialise(configuration.readBack(), parameters);
    NetworkSnapshot.of(network).restoreTo(twin);
    return Network.of(twin).updaterState();
  }

  /**
   * Returns whether the updater has state to save.
   *
   * @param network the network
   * @return false if the updater has no state
   */
  public static boolean hasUpdaterState(Model network) {
    return Network.of(network).updaterState() != null;
  }

  /**
   * Writes a network as a model zip that DL4J can read, including updater state.
   *
   * @param network the network
   * @param configuration its configuration
   * @param out the target; not closed
   * @throws IOException if writing fails
   */
  public static void writeModel(Model network, SavedConfiguration configuration, OutputStream out)
      throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.putNextEntry(new ZipEntry(ModelSerializer.CONFIGURATION_JSON));
    writeConfiguration(configuration, zip);
    zip.putNextEntry(new ZipEntry(ModelSerializer.COEFFICIENTS_BIN));
    writeParameters(network, zip);
    if (hasUpdaterState(network)) {
      zip.putNextEntry(new ZipEntry(ModelSerializer.UPDATER_BIN));
      writeUpdaterState(network, configuration, zip);
    }
    zip.finish();
  }

  private static void write(INDArray array, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    Nd4j.write(array, data);
    data.flush();
  }

  /**
   * Sets the parameters.
   *
   * @param network the network
   * @param in a stream that {@link #writeParameters} wrote
   * @throws IOException if the stream has other content, or a different length or type
   */
  public static void readParameters(Model network, InputStream in) throws IOException {
    read("parameters", network.params(), in);
  }

  /**
   * Sets the state of the updater.
   *
   * @param network the network
   * @param in a stream that {@link #writeUpdaterState} wrote
   * @throws IOException if the stream has other content, or a different length or type
   */
  public static void readUpdaterState(Model network, InputStream in) throws IOException {
    INDArray state = Network.of(network).updaterState();
    if (state == null) {
      throw new IOException("expected no updater state, since the updater has none, but found one");
    }
    read("updater state", state, in);
  }

  /**
   * Reads into an existing array. ND4J's own {@code read} is not used: it allocates as much memory
   * as the stream asks for, and a damaged shape ends the process.
   */
  private static void read(String what, INDArray target, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(new BufferedInputStream(in, 1 << 16));
    try {
      data.readUTF(); // ND4J's allocation mode
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
      FlatValues.toWrite(target).read(data, length);
    } catch (EOFException | UTFDataFormatException e) {
      throw new IOException(what + ": expected an array, but it is damaged or ends too early", e);
    }
  }

  /**
   * Returns a fingerprint of the network's configuration.
   *
   * @param network the network
   * @return a short text that is the same for the same configuration, whatever its counts
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
   * Returns a checksum of the network's parameters.
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
   * Sets the learning rate of all layers; it replaces a schedule. Updater state is kept parameter
   * by parameter, since one rate for all layers may change its layout.
   *
   * @param network the network
   * @param rate the rate, 0 or more
   */
  public static void setLearningRate(Model network, double rate) {
    NetworkSnapshot before = NetworkSnapshot.of(network);
    Network.of(network).setLearningRate(rate);
    before.restoreTo(network);
  }

  /**
   * Sets DL4J's counts, which learning-rate schedules use.
   *
   * @param network the network
   * @param iteration the next iteration, 0-based
   * @param epoch the next epoch, 0-based
   */
  public static void setCounts(Model network, int iteration, int epoch) {
    Network.of(network).setCounts(iteration, epoch);
  }

  /**
   * Applies DL4J's constraints, as DL4J does after each step.
   *
   * @param network the network
   */
  public static void applyConstraints(Model network) {
    Network of = Network.of(network);
    network.applyConstraints(of.iteration(), of.epoch());
  }

  /**
   * Replaces the values of a parameter.
   *
   * @param network the network
   * @param parameter one of its parameters
   * @param values a value for each flat index
   */
  public static void setValues(
      NetworkParameters network, PrunableParameter parameter, double[] values) {
    if (values.length != parameter.length()) {
      throw new IllegalArgumentException(
          parameter.name()
              + ": expected "
              + parameter.length()
              + " values, but found "
              + values.length);
    }
    FlatValues written = FlatValues.toWrite(network.network().parameters());
    for (int i = 0; i < values.length; i++) {
      written.set(parameter.offset() + i, values[i]);
    }
  }
}
