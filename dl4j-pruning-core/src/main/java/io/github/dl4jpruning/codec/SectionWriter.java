package io.github.dl4jpruning.codec;

import io.github.dl4jpruning.runtime.codec.Sections;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Writes a file of sections. The file starts with magic letters and its version as a four-byte
 * number. A section consists of a name of four letters, the length of its content as a four-byte
 * number, the content, and the CRC-32 of all of these as a four-byte number. {@link Sections} reads
 * the file.
 */
public final class SectionWriter {

  static final String MAGIC = "DL4JCOMP";
  static final int VERSION = 1;

  private final OutputStream out;
  private long written;

  /**
   * Starts a compact model.
   *
   * @param out the destination; not closed
   * @throws IOException if it cannot be written
   */
  public SectionWriter(OutputStream out) throws IOException {
    this(out, MAGIC, VERSION);
  }

  /**
   * Starts a file.
   *
   * @param out the destination; not closed
   * @param magic the letters at the start
   * @param version its version
   * @throws IOException if it cannot be written
   */
  public SectionWriter(OutputStream out, String magic, int version) throws IOException {
    this.out = out;
    ByteSink start = new ByteSink();
    byte[] letters = magic.getBytes(StandardCharsets.US_ASCII);
    start.putBytes(letters, letters.length);
    start.putNumber(version, Integer.BYTES);
    write(start.toBytes());
  }

  /**
   * Writes a section of a compact model.
   *
   * @param section the kind of section
   * @param content its content
   * @throws IOException if it cannot be written
   */
  public void write(Section section, ByteSink content) throws IOException {
    write(section.name(), content);
  }

  /**
   * Writes a section.
   *
   * @param name the name, four letters
   * @param content its content
   * @throws IOException if it cannot be written
   */
  public void write(String name, ByteSink content) throws IOException {
    if (content.size() > Sections.LONGEST) {
      throw new IOException(
          "expected at most "
              + Sections.LONGEST
              + " bytes for the section "
              + name
              + ", but there are "
              + content.size());
    }
    ByteSink head = new ByteSink();
    head.putBytes(name.getBytes(StandardCharsets.US_ASCII), Sections.LETTERS);
    head.putNumber(content.size(), Integer.BYTES);
    byte[] start = head.toBytes();
    byte[] bytes = content.toBytes();
    CRC32 checksum = new CRC32();
    checksum.update(start);
    checksum.update(bytes);
    ByteSink tail = new ByteSink();
    tail.putNumber(checksum.getValue(), Integer.BYTES);
    write(start);
    write(bytes);
    write(tail.toBytes());
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  /**
   * Returns the number of bytes written so far.
   *
   * @return the number of bytes
   */
  public long written() {
    return written;
  }
}
