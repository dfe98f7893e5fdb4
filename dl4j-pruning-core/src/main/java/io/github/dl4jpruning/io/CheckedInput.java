package io.github.dl4jpruning.io;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/** Reads the format of {@link CheckedOutput}. Lengths are checked before they are used. */
public final class CheckedInput {

  private final String what;
  private final CheckedInputStream checked;
  private final DataInputStream data;

  /**
   * Creates an input.
   *
   * @param in the source; not closed, and not read beyond what is requested
   * @param what a name of the content for messages, for instance {@code "a pruning state"}
   */
  public CheckedInput(InputStream in, String what) {
    this.what = what;
    this.checked = new CheckedInputStream(in, new CRC32());
    this.data = new DataInputStream(checked);
  }

  /**
   * Reads the start of a file.
   *
   * @param letters the eight letters expected at the start
   * @param versions the supported versions
   * @return its version
   * @throws IOException if the start or the version differs
   */
  public int begin(String letters, int... versions) throws IOException {
    byte[] start = data.readNBytes(letters.length());
    if (!Arrays.equals(start, letters.getBytes(StandardCharsets.US_ASCII))) {
      throw new IOException("expected " + what + ", but it does not begin with " + letters);
    }
    int version = data.readInt();
    if (Arrays.stream(versions).noneMatch(known -> known == version)) {
      String known =
          String.join(" or ", Arrays.stream(versions).mapToObj(String::valueOf).toList());
      throw new IOException(
          "expected " + what + " of version " + known + ", but found version " + version);
    }
    return version;
  }

  /**
   * Returns the stream of single values.
   *
   * @return the underlying stream
   */
  public DataInputStream data() {
    return data;
  }

  /**
   * Reads a text.
   *
   * @param name a name of the text for messages
   * @param most the most bytes accepted
   * @return the text
   * @throws IOException if the text is longer or ends too early
   */
  public String text(String name, int most) throws IOException {
    int length = data.readInt();
    if (length < 0 || length > most) {
      throw new IOException(
          "expected a " + name + " of at most " + most + " bytes, but found " + length);
    }
    byte[] bytes = data.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Reads the checksum and compares it.
   *
   * @param damaged the name of the content for the message, for instance {@code "the pruning
   *     state"}
   * @throws IOException if it differs
   */
  public void end(String damaged) throws IOException {
    long sum = checked.getChecksum().getValue();
    long written = data.readLong();
    if (written != sum) {
      throw new IOException(
          "expected the checksum "
              + Long.toHexString(sum)
              + ", but found "
              + Long.toHexString(written)
              + ": "
              + damaged
              + " is damaged");
    }
  }
}
