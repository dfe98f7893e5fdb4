package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.codec.SectionReader;
import io.github.dl4jpruning.io.AtomicFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Writes networks to small files, in which zeros take almost no space.
 *
 * <pre>{@code
 * CompactModelSerializer.write(network, Path.of("model.compact"));
 * MultiLayerNetwork same = CompactModelSerializer.restoreMultiLayerNetwork(Path.of("model.compact"));
 * }</pre>
 *
 * <p>A file holds the configuration, the counts and all parameters, bit for bit unless {@link
 * CompactOptions} say otherwise. It holds the pruning state if a {@link PruningListener} is
 * attached, and on request a normaliser and the updater state. docs/compact-format.md describes the
 * format.
 *
 * <p>Files need not be trusted: only DL4J's own classes are instantiated, lengths are checked
 * before memory is allocated, and damaged data is rejected. A file is checked as a whole before the
 * network is created. A stream is read once, so damage may be found after that.
 *
 * <p>Source of the idea: S. Han et al., "Deep Compression", 2016 (arXiv 1510.00149).
 */
public final class CompactModelSerializer {

  private static final int BUFFER = 1 << 16;

  private CompactModelSerializer() {}

  /**
   * Writes a network bit for bit.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param file the destination; an existing file is replaced as a whole
   * @return the bytes that each part needs
   * @throws IOException if it cannot be written; an existing file is then unchanged
   */
  public static CompactSizes write(Model network, Path file) throws IOException {
    return write(network, file, CompactOptions.lossless());
  }

  /**
   * Writes a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param file the destination; an existing file is replaced as a whole
   * @param options what is written, and with what precision
   * @return the bytes that each part needs
   * @throws IOException if it cannot be written; an existing file is then unchanged
   * @throws IllegalArgumentException if the normaliser cannot be saved, or a weight to be shared is
   *     not finite
   * @throws IllegalStateException if the network is not initialised
   */
  public static CompactSizes write(Model network, Path file, CompactOptions options)
      throws IOException {
    CompactWriter writer = new CompactWriter(network, options);
    return AtomicFile.writeAndGet(file, writer::write);
  }

  /**
   * Writes a network to a stream.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param out the destination; not closed
   * @param options what is written, and with what precision
   * @return the bytes that each part needs
   * @throws IOException if it cannot be written
   */
  public static CompactSizes write(Model network, OutputStream out, CompactOptions options)
      throws IOException {
    return new CompactWriter(network, options).write(out);
  }

  /**
   * Counts the bytes that a network needs, without writing it.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param options what would be written, and with what precision
   * @return the bytes that each part needs
   */
  public static CompactSizes measure(Model network, CompactOptions options) {
    try {
      return write(network, OutputStream.nullOutputStream(), options);
    } catch (IOException e) {
      throw new IllegalStateException("writing to nowhere cannot fail", e);
    }
  }

  /**
   * Reads the whole contents of a file.
   *
   * @param file a compact file
   * @return the network and everything written with it
   * @throws IOException if it is not a compact file, is damaged, or is not accepted; the message
   *     names the byte position and what was expected
   */
  public static CompactModel restore(Path file) throws IOException {
    return restore(file, RestoreOptions.defaults());
  }

  /**
   * Reads the whole contents of a file.
   *
   * @param file a compact file
   * @param options what is accepted
   * @return the network and everything written with it
   * @throws IOException if it is not a compact file, is damaged, or is not accepted
   */
  public static CompactModel restore(Path file, RestoreOptions options) throws IOException {
    try {
      try (InputStream in = open(file)) {
        SectionReader.check(in);
      }
      try (InputStream in = open(file)) {
        return restore(in, options);
      }
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    return new BufferedInputStream(Files.newInputStream(file), BUFFER);
  }

  /**
   * Reads the whole contents from a stream, and nothing beyond.
   *
   * @param in the source; not closed
   * @param options what is accepted
   * @return the network and everything written with it
   * @throws IOException if it is not a compact file, is damaged, or is not accepted
   */
  public static CompactModel restore(InputStream in, RestoreOptions options) throws IOException {
    return new CompactReader(in, options).read();
  }

  /**
   * Reads a network.
   *
   * @param file a compact file
   * @return the network
   * @throws IOException if it is not a compact file, is damaged, or holds a graph
   */
  public static MultiLayerNetwork restoreMultiLayerNetwork(Path file) throws IOException {
    if (restore(file).network() instanceof MultiLayerNetwork network) {
      return network;
    }
    throw new IOException(file + ": expected a MultiLayerNetwork, but found a ComputationGraph");
  }

  /**
   * Reads a graph.
   *
   * @param file a compact file
   * @return the graph
   * @throws IOException if it is not a compact file, is damaged, or holds a {@code
   *     MultiLayerNetwork}
   */
  public static ComputationGraph restoreComputationGraph(Path file) throws IOException {
    if (restore(file).network() instanceof ComputationGraph graph) {
      return graph;
    }
    throw new IOException(file + ": expected a ComputationGraph, but found a MultiLayerNetwork");
  }
}
