package io.github.dl4jpruning.io;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/** Reads what {@link CheckedOutput} wrote. No length is believed before it was checked. */
public final class CheckedInput {

  private final String what;
  private final CheckedInputStream checked;
  private final DataInputStream data;

  /**
   * An input.
   *
   * @param in where from; not closed, and read no further than it is asked to
   * @param what what is read, for errors, for instance {@code "a pruning state"}
   */
  public CheckedInput(InputStream in, String what) {
    this.what = what;
    this.checked = new CheckedInputStream(in, new CRC32());
    this.data = new DataInputStream(checked);
  }

  /**
   * Reads the start of a file.
   *
   * @param letters the eight letters that it has to begin with
   * @param versions the versions that can be read
   * @return its version
   * @throws IOException if it begins with something else, or is of another version
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
   * Where single values come from.
   *
   * @return the stream behind this input
   */
  public DataInputStream data() {
    return data;
  }

  /**
   * Reads a text.
   *
   * @param name what it is, for errors
   * @param most the most bytes that it may have
   * @return the text
   * @throws IOException if it is longer, or ends too early
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
   * @param damaged what is damaged if it differs, for instance {@code "the pruning state"}
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
