package io.github.dl4jpruning.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes that are written one after the other, numbers big-endian. */
public final class ByteSink {

  private static final int SEVEN_BITS = 0x7F;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * Appends a byte.
   *
   * @param value the byte, its lowest eight bits
   */
  public void putByte(int value) {
    bytes.write(value);
  }

  /**
   * Appends the lowest bytes of a number, the highest of them first.
   *
   * @param value the number
   * @param width how many bytes, 1 to 8
   */
  public void putNumber(long value, int width) {
    for (int shift = Byte.SIZE * (width - 1); shift >= 0; shift -= Byte.SIZE) {
      bytes.write((int) (value >>> shift));
    }
  }

  /**
   * Appends a count in as many bytes as it needs: seven bits in each, the lowest first, and the
   * highest bit set in all but the last (LEB128).
   *
   * @param count 0 or more
   */
  public void putCount(long count) {
    long left = count;
    while (left > SEVEN_BITS) {
      bytes.write((int) ((left & SEVEN_BITS) | (SEVEN_BITS + 1)));
      left >>>= 7;
    }
    bytes.write((int) left);
  }

  /**
   * Appends bytes.
   *
   * @param from where they are
   * @param length how many of them, from the first
   */
  public void putBytes(byte[] from, int length) {
    bytes.write(from, 0, length);
  }

  /**
   * Appends a text: its number of bytes as a count, then the bytes in UTF-8.
   *
   * @param text the text
   */
  public void putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putCount(utf8.length);
    putBytes(utf8, utf8.length);
  }

  /**
   * The number of bytes until now.
   *
   * @return the size
   */
  public int size() {
    return bytes.size();
  }

  /**
   * All bytes until now.
   *
   * @return a copy
   */
  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
