package io.github.dl4jpruning.codec;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Reads what a {@link SectionWriter} has written. A section is handed out after its checksum was
 * compared, and no more is read than is there: a length that is wrong takes no room.
 */
public final class SectionReader {

  /** What a section of {@link SectionWriter} may have. */
  static final int LONGEST = 1 << 30;

  /** What is read at a time, since a length is believed only as far as there are bytes. */
  private static final int PIECE = 1 << 20;

  private final InputStream in;
  private long position;

  /**
   * A section.
   *
   * @param section what it is
   * @param content its content
   */
  public record Content(Section section, ByteSource content) {}

  /**
   * Begins to read.
   *
   * @param in where from; not closed, and read no further than the last section
   * @throws IOException if it is no compact model, or one of another version
   */
  public SectionReader(InputStream in) throws IOException {
    this.in = in;
    byte[] magic = in.readNBytes(SectionWriter.MAGIC.length);
    if (!Arrays.equals(magic, SectionWriter.MAGIC)) {
      throw new IOException(
          "at byte 0: expected a compact model, but it does not begin with DL4JCOMP");
    }
    position = magic.length;
    long version = new ByteSource(exactly(Integer.BYTES), position).getNumber(Integer.BYTES);
    if (version != SectionWriter.VERSION) {
      throw new IOException(
          "at byte 8: expected a compact model of version "
              + SectionWriter.VERSION
              + ", but found version "
              + version);
    }
  }

  private IOException error(String message) {
    return new IOException("at byte " + position + ": " + message);
  }

  private byte[] exactly(int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.min(length, PIECE));
    while (bytes.size() < length) {
      byte[] piece = in.readNBytes(Math.min(PIECE, length - bytes.size()));
      if (piece.length == 0) {
        throw new EOFException(
            "at byte "
                + (position + bytes.size())
                + ": expected "
                + (length - bytes.size())
                + " more bytes, but the file ends");
      }
      bytes.writeBytes(piece);
    }
    position += length;
    return bytes.toByteArray();
  }

  /**
   * Reads a section.
   *
   * @return what it is, and its content
   * @throws IOException if there is none, or it is damaged
   */
  public Content next() throws IOException {
    long start = position;
    byte[] head = exactly(Section.LETTERS + Integer.BYTES);
    ByteSource source = new ByteSource(head, start);
    String name = new String(source.getBytes(Section.LETTERS), StandardCharsets.US_ASCII);
    Section section =
        Arrays.stream(Section.values())
            .filter(s -> s.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        "at byte "
                            + start
                            + ": expected one of the sections "
                            + Arrays.toString(Section.values())
                            + ", but found another"));
    long length = source.getNumber(Integer.BYTES);
    if (length > LONGEST) {
      throw error("expected a section of at most " + LONGEST + " bytes, but found " + length);
    }
    long contentStart = position;
    byte[] content = exactly((int) length);
    CRC32 checksum = new CRC32();
    checksum.update(head);
    checksum.update(content);
    long written = new ByteSource(exactly(Integer.BYTES), position).getNumber(Integer.BYTES);
    if (written != checksum.getValue()) {
      throw new IOException(
          "the section "
              + section
              + " from byte "
              + start
              + " to "
              + position
              + " is damaged: expected the checksum "
              + Long.toHexString(checksum.getValue())
              + ", but found "
              + Long.toHexString(written));
    }
    return new Content(section, new ByteSource(content, contentStart));
  }

  /**
   * Looks over all sections, without keeping any.
   *
   * @param in a whole file; not closed
   * @throws IOException if it is damaged, or goes on after the last section
   */
  public static void check(InputStream in) throws IOException {
    SectionReader reader = new SectionReader(in);
    while (reader.next().section() != Section.DONE) {
      // Its checksum was compared.
    }
    if (in.read() >= 0) {
      throw reader.error("expected the end of the file, but it goes on");
    }
  }
}
