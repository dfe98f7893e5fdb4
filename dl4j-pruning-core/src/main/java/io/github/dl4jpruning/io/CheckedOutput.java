package io.github.dl4jpruning.io;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/**
 * Writes big-endian values that {@link CheckedInput} reads: eight letters and a version at the
 * start, texts as an int number of bytes and as many bytes of UTF-8, and the CRC-32 of everything
 * before it as a long.
 */
public final class CheckedOutput {

  private final CheckedOutputStream checked;
  private final DataOutputStream data;

  /**
   * An output without a start, for the inside of another one.
   *
   * @param out where to; not closed
   */
  public CheckedOutput(OutputStream out) {
    this.checked = new CheckedOutputStream(new BufferedOutputStream(out), new CRC32());
    this.data = new DataOutputStream(checked);
  }

  /**
   * Writes the start of a file.
   *
   * @param letters eight letters of ASCII
   * @param version its version
   * @return this output
   * @throws IOException if it cannot be written
   */
  public CheckedOutput begin(String letters, int version) throws IOException {
    data.write(letters.getBytes(StandardCharsets.US_ASCII));
    data.writeInt(version);
    return this;
  }

  /**
   * Where single values go.
   *
   * @return the stream behind this output
   */
  public DataOutputStream data() {
    return data;
  }

  /**
   * Writes a text.
   *
   * @param text any text
   * @throws IOException if it cannot be written
   */
  public void text(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    data.writeInt(bytes.length);
    data.write(bytes);
  }

  /**
   * Writes the checksum, and everything that is still buffered.
   *
   * @throws IOException if it cannot be written
   */
  public void end() throws IOException {
    data.writeLong(checked.getChecksum().getValue());
    data.flush();
  }

  /**
   * Writes everything that is still buffered, without a checksum.
   *
   * @throws IOException if it cannot be written
   */
  public void flush() throws IOException {
    data.flush();
  }
}
