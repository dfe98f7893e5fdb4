package io.github.dl4jpruning.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Writes a compact model as sections: the eight letters {@code DL4JCOMP}, the version as a number
 * of four bytes, and sections until the last one. A section is four letters that say what it is,
 * the length of its content as a number of four bytes, the content, and the CRC-32 of all of these
 * as a number of four bytes.
 */
public final class SectionWriter {

  static final byte[] MAGIC = "DL4JCOMP".getBytes(StandardCharsets.US_ASCII);
  static final int VERSION = 1;

  private final OutputStream out;
  private long written;

  /**
   * Begins a file.
   *
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   */
  public SectionWriter(OutputStream out) throws IOException {
    this.out = out;
    ByteSink start = new ByteSink();
    start.putBytes(MAGIC, MAGIC.length);
    start.putNumber(VERSION, Integer.BYTES);
    write(start.toBytes());
  }

  /**
   * Writes a section.
   *
   * @param section what it is
   * @param content its content
   * @throws IOException if it cannot be written
   */
  public void write(Section section, ByteSink content) throws IOException {
    if (content.size() > SectionReader.LONGEST) {
      throw new IOException(
          "expected at most "
              + SectionReader.LONGEST
              + " bytes for the section "
              + section
              + ", but there are "
              + content.size());
    }
    ByteSink head = new ByteSink();
    head.putBytes(section.letters(), Section.LETTERS);
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
   * How much was written.
   *
   * @return a number of bytes
   */
  public long written() {
    return written;
  }
}
