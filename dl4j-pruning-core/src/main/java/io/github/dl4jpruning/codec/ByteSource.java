package io.github.dl4jpruning.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that a {@link ByteSink} has written, read one after the other. Each error says at which
 * byte of the file it is.
 */
public final class ByteSource {

  private static final int COUNT_BYTES = 9;

  private final byte[] bytes;
  private final long start;
  private int position;

  /**
   * Reads an array from its beginning.
   *
   * @param bytes the bytes
   * @param start where in the file the first of them stands
   */
  public ByteSource(byte[] bytes, long start) {
    this.bytes = bytes;
    this.start = start;
  }

  /**
   * Something that is not as it should be.
   *
   * @param message what was expected, and what was found
   * @return the error, with the place
   */
  public IOException error(String message) {
    return new IOException(atThisPlace(message));
  }

  /**
   * Something that is not as it should be.
   *
   * @param message what was expected, and what was found
   * @param cause what was thrown
   * @return the error, with the place
   */
  public IOException error(String message, Throwable cause) {
    return new IOException(atThisPlace(message), cause);
  }

  private String atThisPlace(String message) {
    return "at byte " + (start + position) + ": " + message;
  }

  /**
   * How much is left.
   *
   * @return a number of bytes
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
   * @param most the highest that is allowed
   * @param what what it is, for the error
   * @return 0 to {@code most}
   * @throws IOException if it is higher, or there is none
   */
  public int getByte(int most, String what) throws IOException {
    require(1);
    int value = Byte.toUnsignedInt(bytes[position]);
    if (value > most) {
      throw error("expected " + what + " of 0 to " + most + ", but found " + value);
    }
    position++;
    return value;
  }

  /**
   * Reads a number.
   *
   * @param width how many bytes, 1 to 8
   * @return the number; the bytes above are 0
   * @throws IOException if there are not so many
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
   * @param most the highest that is allowed
   * @param what what it is, for the error
   * @return 0 to {@code most}
   * @throws IOException if it is higher, or damaged
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
   * @param length how many
   * @return a copy
   * @throws IOException if there are not so many
   */
  public byte[] getBytes(int length) throws IOException {
    require(length);
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  /**
   * Reads a text.
   *
   * @param most bytes that are allowed
   * @param what what it is, for the error
   * @return the text
   * @throws IOException if it is longer, or no UTF-8
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
   * @param what what was read, for the error
   * @throws IOException if something is left
   */
  public void requireEnd(String what) throws IOException {
    if (remaining() > 0) {
      throw error("expected the end of " + what + ", but " + remaining() + " bytes are left");
    }
  }
}
