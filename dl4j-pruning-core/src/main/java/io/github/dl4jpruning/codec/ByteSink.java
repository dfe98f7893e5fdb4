package io.github.dl4jpruning.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A growing sequence of bytes. Numbers are big-endian. */
public final class ByteSink {

  private static final int SEVEN_BITS = 0x7F;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * Appends a byte.
   *
   * @param value the byte, in the lowest eight bits
   */
  public void putByte(int value) {
    bytes.write(value);
  }

  /**
   * Appends the lowest bytes of a number, most significant first.
   *
   * @param value the number
   * @param width the number of bytes, 1 to 8
   */
  public void putNumber(long value, int width) {
    for (int shift = Byte.SIZE * (width - 1); shift >= 0; shift -= Byte.SIZE) {
      bytes.write((int) (value >>> shift));
    }
  }

  /**
   * Appends a count in LEB128: seven bits per byte, the lowest first. The highest bit is set in all
   * bytes but the last.
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
   * @param from the bytes
   * @param length the number of bytes, from the first
   */
  public void putBytes(byte[] from, int length) {
    bytes.write(from, 0, length);
  }

  /**
   * Appends a text: its length in bytes as a count, then its bytes in UTF-8.
   *
   * @param text the text
   */
  public void putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putCount(utf8.length);
    putBytes(utf8, utf8.length);
  }

  /**
   * Returns the number of bytes so far.
   *
   * @return the size
   */
  public int size() {
    return bytes.size();
  }

  /**
   * Returns all bytes so far.
   *
   * @return a copy
   */
  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
