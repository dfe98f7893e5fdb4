package io.github.dl4jpruning.runtime.codec;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Reads a file of sections. The file has letters that identify its type, its version as a four-byte
 * number, and sections. A section has four letters, the length of its content as a four-byte
 * number, the content, and the CRC-32 of all of these as a four-byte number.
 *
 * <p>A section is returned only after its checksum has been verified. Memory is allocated only for
 * bytes that exist, not for a wrong length.
 */
public final class Sections {

  /** The highest length of the content of a section. */
  public static final int LONGEST = 1 << 30;

  /** The number of letters in the name of a section. */
  public static final int LETTERS = 4;

  /** The bytes read at a time, since a length is trusted only as far as bytes exist. */
  private static final int PIECE = 1 << 20;

  private final InputStream in;
  private final String[] names;
  private long position;

  /** A section. */
  public static final class Content {
    private final String name;
    private final ByteSource bytes;

    private Content(String name, ByteSource bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    /**
     * Returns the name of the section.
     *
     * @return one of the allowed names
     */
    public String name() {
      return name;
    }

    /**
     * Returns the content of the section.
     *
     * @return the content
     */
    public ByteSource bytes() {
      return bytes;
    }
  }

  /**
   * Reads the letters and the version at the beginning of a file.
   *
   * @param in the file; not closed, and read no further than the last section
   * @param kind the type of the file, for errors
   * @param magic the letters at the beginning of the file
   * @param version the only supported version
   * @param names the allowed names of sections
   * @throws IOException if the file has another type or version
   */
  public Sections(InputStream in, String kind, String magic, int version, String... names)
      throws IOException {
    this.in = in;
    this.names = names.clone();
    byte[] letters = new byte[magic.length()];
    int found = read(letters, letters.length);
    if (found < letters.length
        || !Arrays.equals(letters, magic.getBytes(StandardCharsets.US_ASCII))) {
      throw new IOException(
          "at byte 0: expected a " + kind + ", but it does not begin with " + magic);
    }
    position = letters.length;
    long number = new ByteSource(exactly(Integer.BYTES), position).getNumber(Integer.BYTES);
    if (number != version) {
      throw new IOException(
          "at byte "
              + magic.length()
              + ": expected a "
              + kind
              + " of version "
              + version
              + ", but found version "
              + number);
    }
  }

  private IOException error(String message) {
    return new IOException("at byte " + position + ": " + message);
  }

  private int read(byte[] bytes, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int more = in.read(bytes, done, length - done);
      if (more < 0) {
        break;
      }
      done += more;
    }
    return done;
  }

  private byte[] exactly(int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.min(length, PIECE));
    byte[] piece = new byte[Math.min(length, PIECE)];
    while (bytes.size() < length) {
      int found = read(piece, Math.min(piece.length, length - bytes.size()));
      if (found == 0) {
        throw new EOFException(
            "at byte "
                + (position + bytes.size())
                + ": expected "
                + (length - bytes.size())
                + " more bytes, but the file ends");
      }
      bytes.write(piece, 0, found);
    }
    position += length;
    return bytes.toByteArray();
  }

  /**
   * Reads a section.
   *
   * @return its name and content
   * @throws IOException if there is no section, or the section is damaged
   */
  public Content next() throws IOException {
    long start = position;
    byte[] head = exactly(LETTERS + Integer.BYTES);
    ByteSource source = new ByteSource(head, start);
    String name = new String(source.getBytes(LETTERS), StandardCharsets.US_ASCII);
    if (!Arrays.asList(names).contains(name)) {
      throw new IOException(
          "at byte "
              + start
              + ": expected one of the sections "
              + Arrays.toString(names)
              + ", but found another");
    }
    long length = source.getNumber(Integer.BYTES);
    if (length > LONGEST) {
      throw error("expected a section of at most " + LONGEST + " bytes, but found " + length);
    }
    long contentStart = position;
    byte[] content = exactly((int) length);
    CRC32 checksum = new CRC32();
    checksum.update(head, 0, head.length);
    checksum.update(content, 0, content.length);
    long written = new ByteSource(exactly(Integer.BYTES), position).getNumber(Integer.BYTES);
    if (written != checksum.getValue()) {
      throw new IOException(
          "the section "
              + name
              + " from byte "
              + start
              + " to "
              + position
              + " is damaged: expected the checksum "
              + Long.toHexString(checksum.getValue())
              + ", but found "
              + Long.toHexString(written));
    }
    return new Content(name, new ByteSource(content, contentStart));
  }

  /**
   * Checks that nothing follows.
   *
   * @throws IOException if more bytes follow
   */
  public void requireEnd() throws IOException {
    if (in.read() >= 0) {
      throw error("expected the end of the file, but more bytes follow");
    }
  }
}
