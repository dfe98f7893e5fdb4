package io.github.dl4jpruning.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * What stands in front of the pruning state in a checkpoint.
 *
 * <p>Version 1, big-endian: the eight letters {@code DL4JPCKP}; int version; int length of what
 * follows; then byte 0 for a MultiLayerNetwork, 1 for a graph; byte 1 if constraints are still to
 * be applied; long and long states of the random generator; text recipe; int number of entries, and
 * for each a text name, long length and long CRC-32; at the end the CRC-32 of all of this as a
 * long. A text is an int number of bytes and as many bytes of UTF-8.
 *
 * @param kind what is saved
 * @param constraintsPending whether DL4J had not yet applied its constraints after the last step
 * @param randomRoot first half of the state of ND4J's random generator
 * @param randomNode second half
 * @param recipe the pruning configuration in YAML; empty if it has parts that have no name
 * @param entries the other entries of the file, as they were written
 */
public record CheckpointHeader(
    Kind kind,
    boolean constraintsPending,
    long randomRoot,
    long randomNode,
    String recipe,
    List<Entry> entries) {

  private static final byte[] MAGIC = "DL4JPCKP".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;

  /** A recipe and some names: never more. */
  private static final int LONGEST = 1 << 20;

  /** What is saved. */
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
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   */
  public void write(OutputStream out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeByte(kind == Kind.MULTI_LAYER_NETWORK ? 0 : 1);
    body.writeByte(constraintsPending ? 1 : 0);
    body.writeLong(randomRoot);
    body.writeLong(randomNode);
    writeText(body, recipe);
    body.writeInt(entries.size());
    for (Entry entry : entries) {
      writeText(body, entry.name());
      body.writeLong(entry.length());
      body.writeLong(entry.checksum());
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(whole);
    data.write(MAGIC);
    data.writeInt(VERSION);
    data.writeInt(bytes.size());
    data.write(bytes.toByteArray());
    data.writeLong(checksum(whole.toByteArray()));
    out.write(whole.toByteArray());
  }

  private static void writeText(DataOutputStream data, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    data.writeInt(bytes.length);
    data.write(bytes);
  }

  private static long checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  /**
   * Reads a header. Not more than a megabyte is taken for it, whatever stands in the file.
   *
   * @param in where from; not closed, and left behind the header
   * @return the header
   * @throws IOException if it is no such header, or is damaged
   */
  public static CheckpointHeader read(InputStream in) throws IOException {
    try {
      DataInputStream data = new DataInputStream(in);
      byte[] magic = data.readNBytes(MAGIC.length);
      if (!Arrays.equals(magic, MAGIC)) {
        throw new IOException("expected a pruning checkpoint, but it does not begin with DL4JPCKP");
      }
      int version = data.readInt();
      if (version != VERSION) {
        throw new IOException(
            "expected a pruning checkpoint of version "
                + VERSION
                + ", but found version "
                + version);
      }
      int length = data.readInt();
      if (length < 0 || length > LONGEST) {
        throw new IOException(
            "expected a header of at most " + LONGEST + " bytes, but found " + length);
      }
      byte[] body = data.readNBytes(length);
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      DataOutputStream again = new DataOutputStream(whole);
      again.write(MAGIC);
      again.writeInt(version);
      again.writeInt(length);
      again.write(body);
      long sum = checksum(whole.toByteArray());
      long written = data.readLong();
      if (written != sum) {
        throw new IOException(
            "expected the checksum "
                + Long.toHexString(sum)
                + ", but found "
                + Long.toHexString(written)
                + ": the header of the checkpoint is damaged");
      }
      return readBody(new DataInputStream(new ByteArrayInputStream(body)));
    } catch (EOFException e) {
      throw new IOException("expected a whole pruning checkpoint, but it ends too early", e);
    }
  }

  private static CheckpointHeader readBody(DataInputStream body) throws IOException {
    int kind = body.readByte();
    if (kind != 0 && kind != 1) {
      throw new IOException("expected a kind of network, 0 or 1, but found " + kind);
    }
    boolean pending = body.readByte() != 0;
    long root = body.readLong();
    long node = body.readLong();
    String recipe = readText(body);
    int count = body.readInt();
    if (count < 0 || count > 100) {
      throw new IOException("expected at most 100 entries, but found " + count);
    }
    List<Entry> entries = new ArrayList<>();
    for (int e = 0; e < count; e++) {
      String name = readText(body);
      entries.add(new Entry(name, body.readLong(), body.readLong()));
    }
    return new CheckpointHeader(
        kind == 0 ? Kind.MULTI_LAYER_NETWORK : Kind.COMPUTATION_GRAPH,
        pending,
        root,
        node,
        recipe,
        entries);
  }

  private static String readText(DataInputStream body) throws IOException {
    int length = body.readInt();
    if (length < 0 || length > body.available()) {
      throw new IOException(
          "expected a text of at most " + body.available() + " bytes, but found " + length);
    }
    return new String(body.readNBytes(length), StandardCharsets.UTF_8);
  }
}
