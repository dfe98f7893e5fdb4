package io.github.dl4jpruning.checkpoint;

import io.github.dl4jpruning.io.CheckedInput;
import io.github.dl4jpruning.io.CheckedOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The header in front of the pruning state in a checkpoint.
 *
 * <p>Version 1, big-endian: the eight letters {@code DL4JPCKP}; int version; int length of the
 * following fields; then byte 0 for a MultiLayerNetwork, 1 for a graph; byte 1 if constraints are
 * still to be applied, else 0; two longs, the state of the random generator; text recipe; int
 * number of entries, and for each a text name, long length and long CRC-32; finally the CRC-32 of
 * all of this as a long. A text is an int number of bytes, followed by these bytes in UTF-8.
 *
 * @param kind the type of the saved network
 * @param constraintsPending whether DL4J had not yet applied its constraints after the last step
 * @param randomRoot first half of the state of ND4J's random generator
 * @param randomNode second half of that state
 * @param recipe the pruning configuration in YAML; empty if it has parts without a name
 * @param entries the other entries of the file
 */
public record CheckpointHeader(
    Kind kind,
    boolean constraintsPending,
    long randomRoot,
    long randomNode,
    String recipe,
    List<Entry> entries) {

  private static final String LETTERS = "DL4JPCKP";
  private static final int VERSION = 1;

  /** The most bytes of a header; enough for any recipe and the entry names. */
  private static final int LONGEST = 1 << 20;

  private static final int MOST_ENTRIES = 100;

  /** The type of the saved network. */
  public enum Kind {
    /** A {@code MultiLayerNetwork}. */
    MULTI_LAYER_NETWORK,
    /** A {@code ComputationGraph}. */
    COMPUTATION_GRAPH
  }

  /**
   * Another entry of the file.
   *
   * @param name its name
   * @param length its length, uncompressed
   * @param checksum CRC-32 of its content
   */
  public record Entry(String name, long length, long checksum) {}

  /** Copies the list. */
  public CheckpointHeader {
    entries = List.copyOf(entries);
  }

  /**
   * Writes this header.
   *
   * @param out the destination; not closed
   * @throws IOException if it cannot be written
   */
  public void write(OutputStream out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CheckedOutput body = new CheckedOutput(bytes);
    body.data().writeByte(kind == Kind.MULTI_LAYER_NETWORK ? 0 : 1);
    body.data().writeByte(constraintsPending ? 1 : 0);
    body.data().writeLong(randomRoot);
    body.data().writeLong(randomNode);
    body.text(recipe);
    body.data().writeInt(entries.size());
    for (Entry entry : entries) {
      body.text(entry.name());
      body.data().writeLong(entry.length());
      body.data().writeLong(entry.checksum());
    }
    body.flush();
    CheckedOutput file = new CheckedOutput(out).begin(LETTERS, VERSION);
    file.data().writeInt(bytes.size());
    file.data().write(bytes.toByteArray());
    file.end();
  }

  /**
   * Reads a header. Takes at most a megabyte of memory, whatever the file says.
   *
   * @param in the source; not closed, and positioned after the header afterwards
   * @return the header
   * @throws IOException if it is not such a header, or is damaged
   */
  public static CheckpointHeader read(InputStream in) throws IOException {
    try {
      CheckedInput file = new CheckedInput(in, "a pruning checkpoint");
      file.begin(LETTERS, VERSION);
      int length = file.data().readInt();
      if (length < 0 || length > LONGEST) {
        throw new IOException(
            "expected a header of at most " + LONGEST + " bytes, but found " + length);
      }
      byte[] body = file.data().readNBytes(length);
      file.end("the header of the checkpoint");
      return readBody(body);
    } catch (EOFException e) {
      throw new IOException("expected a whole pruning checkpoint, but it ends too early", e);
    }
  }

  private static CheckpointHeader readBody(byte[] bytes) throws IOException {
    CheckedInput body = new CheckedInput(new ByteArrayInputStream(bytes), "a header");
    int kind = body.data().readByte();
    if (kind != 0 && kind != 1) {
      throw new IOException("expected a kind of network, 0 or 1, but found " + kind);
    }
    boolean pending = body.data().readByte() != 0;
    long root = body.data().readLong();
    long node = body.data().readLong();
    String recipe = body.text("text", bytes.length);
    int count = body.data().readInt();
    if (count < 0 || count > MOST_ENTRIES) {
      throw new IOException("expected at most " + MOST_ENTRIES + " entries, but found " + count);
    }
    List<Entry> entries = new ArrayList<>();
    for (int e = 0; e < count; e++) {
      String name = body.text("text", bytes.length);
      entries.add(new Entry(name, body.data().readLong(), body.data().readLong()));
    }
    return new CheckpointHeader(
        kind == 0 ? Kind.MULTI_LAYER_NETWORK : Kind.COMPUTATION_GRAPH,
        pending,
        root,
        node,
        recipe,
        entries);
  }
}
