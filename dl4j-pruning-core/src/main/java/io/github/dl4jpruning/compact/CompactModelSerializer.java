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
 * Writes networks to small files: zeros cost next to nothing, and values only what they must.
 *
 * <pre>{@code
 * CompactModelSerializer.write(network, Path.of("model.compact"));
 * MultiLayerNetwork same = CompactModelSerializer.restoreMultiLayerNetwork(Path.of("model.compact"));
 * }</pre>
 *
 * <p>Configuration, counts, and all parameters are kept, bit for bit unless {@link CompactOptions}
 * say otherwise; the state of pruning is kept if a {@link PruningListener} is attached, and on
 * request a normaliser and the updater's state. The form of the file is described in
 * docs/compact-format.md.
 *
 * <p>Files may come from anyone: nothing of another than DL4J's own classes is made, no room is
 * made for a length before it was checked, and what is damaged is refused. A file is looked over
 * before a network is made; a stream is read once, and may be found damaged after that.
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
   * @param file where to; replaced as a whole if it is there
   * @return what needs how many bytes
   * @throws IOException if it cannot be written; what stood there still does
   */
  public static CompactSizes write(Model network, Path file) throws IOException {
    return write(network, file, CompactOptions.lossless());
  }

  /**
   * Writes a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @param file where to; replaced as a whole if it is there
   * @param options what is written, and how exactly
   * @return what needs how many bytes
   * @throws IOException if it cannot be written; what stood there still does
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
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @param out where to; not closed
   * @param options what is written, and how exactly
   * @return what needs how many bytes
   * @throws IOException if it cannot be written
   */
  public static CompactSizes write(Model network, OutputStream out, CompactOptions options)
      throws IOException {
    return new CompactWriter(network, options).write(out);
  }

  /**
   * Counts the bytes that a network needs, without writing it.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @param options what would be written, and how exactly
   * @return what needs how many bytes
   */
  public static CompactSizes measure(Model network, CompactOptions options) {
    try {
      return write(network, OutputStream.nullOutputStream(), options);
    } catch (IOException e) {
      throw new IllegalStateException("writing to nowhere cannot fail", e);
    }
  }

  /**
   * Reads everything that a file holds.
   *
   * @param file a compact file
   * @return the network, and what was written with it
   * @throws IOException if it is no compact file, is damaged, or is not accepted; the message says
   *     at which byte, and what was expected
   */
  public static CompactModel restore(Path file) throws IOException {
    return restore(file, RestoreOptions.defaults());
  }

  /**
   * Reads everything that a file holds.
   *
   * @param file a compact file
   * @param options what is accepted
   * @return the network, and what was written with it
   * @throws IOException if it is no compact file, is damaged, or is not accepted
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
   * Reads everything from a stream, and no further.
   *
   * @param in where from; not closed
   * @param options what is accepted
   * @return the network, and what was written with it
   * @throws IOException if it is no compact file, is damaged, or is not accepted
   */
  public static CompactModel restore(InputStream in, RestoreOptions options) throws IOException {
    return new CompactReader(in, options).read();
  }

  /**
   * Reads a network.
   *
   * @param file a compact file
   * @return the network
   * @throws IOException if it is no compact file, is damaged, or holds a graph
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
   * @throws IOException if it is no compact file, is damaged, or holds a {@code MultiLayerNetwork}
   */
  public static ComputationGraph restoreComputationGraph(Path file) throws IOException {
    if (restore(file).network() instanceof ComputationGraph graph) {
      return graph;
    }
    throw new IOException(file + ": expected a ComputationGraph, but found a MultiLayerNetwork");
  }
}
