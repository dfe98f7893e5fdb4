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
 * Writes the parts of a network to streams, in the form of DL4J's own {@code ModelSerializer}, and
 * reads them into a network.
 */
public final class NetworkStore {

  /** An array of a few axes: its shape needs less than this. */
  private static final int LONGEST_SHAPE = 100;

  private NetworkStore() {}

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
   * @param configuration the configuration of the network
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   */
  public static void writeConfiguration(SavedConfiguration configuration, OutputStream out)
      throws IOException {
    out.write(configuration.json().getBytes(StandardCharsets.UTF_8));
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
   * Writes the state of the updater, in the layout that a network has which is made of the saved
   * configuration.
   *
   * @param network a network whose updater has state
   * @param configuration its configuration, which stands in the same file
   * @param out where to; not closed
   * @throws IOException if it cannot be written
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

  /** The state of a network's updater as one array; null for none. */
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
   * Whether there is a state of the updater to be saved.
   *
   * @param network the network
   * @return false for an updater without state
   */
  public static boolean hasUpdaterState(Model network) {
    return Network.of(network).updaterState() != null;
  }

  /**
   * Writes a network as a model zip that DL4J reads, its updater's state included.
   *
   * @param network the network
   * @param configuration its configuration
   * @param out where to; not closed
   * @throws IOException if it cannot be written
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
    INDArray state = Network.of(network).updaterState();
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
      FlatValues.toWrite(target).read(data, length);
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
   * Sets the learning rate of all layers, in place of a schedule if there was one. Updater state is
   * kept, by parameter, since one rate for all layers may change its layout.
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
