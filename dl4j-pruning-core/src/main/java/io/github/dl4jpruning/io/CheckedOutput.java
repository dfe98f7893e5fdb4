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
 * start, texts as an int number of bytes followed by these bytes in UTF-8, and at the end the
 * CRC-32 of everything before it as a long.
 */
public final class CheckedOutput {

  private final CheckedOutputStream checked;
  private final DataOutputStream data;

  /**
   * Creates an output. Without {@link #begin} it can be nested in another one.
   *
   * @param out the destination; not closed
   */
  public CheckedOutput(OutputStream out) {
    this.checked = new CheckedOutputStream(new BufferedOutputStream(out), new CRC32());
    this.data = new DataOutputStream(checked);
  }

  /**
   * Writes the start of a file.
   *
   * @param letters eight ASCII letters
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
   * Returns the stream for single values.
   *
   * @return the underlying stream
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
   * Writes the checksum and flushes the buffer.
   *
   * @throws IOException if it cannot be written
   */
  public void end() throws IOException {
    data.writeLong(checked.getChecksum().getValue());
    data.flush();
  }

  /**
   * Flushes the buffer without writing a checksum.
   *
   * @throws IOException if it cannot be written
   */
  public void flush() throws IOException {
    data.flush();
  }
}
