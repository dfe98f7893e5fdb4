package io.github.dl4jpruning.runtime.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of a file, read in order. Each error names the byte of the file. */
public final class ByteSource {

  private static final int COUNT_BYTES = 9;

  private final byte[] bytes;
  private final long start;
  private int position;

  /**
   * Creates a source that starts at the beginning of an array.
   *
   * @param bytes the bytes
   * @param start the offset of the first byte in the file
   */
  public ByteSource(byte[] bytes, long start) {
    this.bytes = bytes;
    this.start = start;
  }

  /**
   * Creates an error at the current position.
   *
   * @param message what was expected, and what was found
   * @return the error, with the position in the message
   */
  public IOException error(String message) {
    return new IOException(atThisPlace(message));
  }

  /**
   * Creates an error at the current position.
   *
   * @param message what was expected, and what was found
   * @param cause the cause
   * @return the error, with the position in the message
   */
  public IOException error(String message, Throwable cause) {
    return new IOException(atThisPlace(message), cause);
  }

  private String atThisPlace(String message) {
    return "at byte " + (start + position) + ": " + message;
  }

  /**
   * Returns the number of bytes that are left.
   *
   * @return the number of bytes
   */
  public int remaining() {
    return bytes.length - position;
  }

  private void require(long length) throws IOException {
    if (length > remaining()) {
      throw error("expected " + length + " bytes, but only " + remaining() + " are left");
    }
  }

  /**
   * Reads a byte.
   *
   * @param most the highest allowed value
   * @param what the name of the content, for the error
   * @return 0 to {@code most}
   * @throws IOException if the byte is higher, or no byte is left
   */
  public int getByte(int most, String what) throws IOException {
    require(1);
    int value = Byte.toUnsignedInt(bytes[position]);
    if (value > most) {
      throw error("expected " + what + " from 0 to " + most + ", but found " + value);
    }
    position++;
    return value;
  }

  /**
   * Reads a number.
   *
   * @param width the number of bytes, 1 to 8
   * @return the number; its higher bytes are 0
   * @throws IOException if fewer bytes are left
   */
  public long getNumber(int width) throws IOException {
    require(width);
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = (value << Byte.SIZE) | Byte.toUnsignedLong(bytes[position++]);
    }
    return value;
  }

  /**
   * Reads a count.
   *
   * @param most the highest allowed value
   * @param what the name of the content, for the error
   * @return 0 to {@code most}
   * @throws IOException if the count is higher, or damaged
   */
  public long getCount(long most, String what) throws IOException {
    long value = 0;
    for (int i = 0; i < COUNT_BYTES; i++) {
      require(1);
      byte next = bytes[position++];
      value |= (long) (next & 0x7F) << (7 * i);
      if (next >= 0) {
        if (value > most) {
          throw error("expected " + what + " of at most " + most + ", but found " + value);
        }
        return value;
      }
    }
    throw error("expected " + what + ", but found a number without an end");
  }

  /**
   * Reads bytes.
   *
   * @param length the number of bytes
   * @return a copy
   * @throws IOException if fewer bytes are left
   */
  public byte[] getBytes(int length) throws IOException {
    require(length);
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  /**
   * Reads a text.
   *
   * @param most the highest allowed number of bytes
   * @param what the name of the content, for the error
   * @return the text
   * @throws IOException if the text is longer, or not UTF-8
   */
  public String getText(int most, String what) throws IOException {
    int length = (int) getCount(most, "a length of " + what);
    byte[] utf8 = getBytes(length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw error("expected " + what + " in UTF-8, but it is damaged", e);
    }
  }

  /**
   * Checks that everything has been read.
   *
   * @param what the name of the content, for the error
   * @throws IOException if bytes are left
   */
  public void requireEnd(String what) throws IOException {
    if (remaining() > 0) {
      throw error("expected the end of " + what + ", but " + remaining() + " bytes are left");
    }
  }
}
