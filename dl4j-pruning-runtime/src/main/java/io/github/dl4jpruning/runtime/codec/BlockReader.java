package io.github.dl4jpruning.runtime.codec;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads the elements of a tensor, stored as the positions and the values of the elements that are
 * not zero. An element is given by its raw bits; zero is the element with no bit set.
 *
 * <p>docs/compact-format.md describes the bytes. Whatever the bytes say, the reader allocates
 * memory only for the requested elements.
 */
public final class BlockReader {

  /** All elements have a value, zeros included. */
  private static final int ALL = 0;

  /** One bit for each element: element i is bit 7 − i mod 8 of byte ⌊i / 8⌋. */
  private static final int BITMASK = 1;

  /** The number of zeros since the last value, as a count (LEB128), for each value. */
  private static final int GAPS = 2;

  /** The highest byte of all values, then the next byte of all values, down to the lowest. */
  private static final int PLANES = 0;

  /** Each value unchanged. */
  private static final int WORDS = 1;

  /** A list of the different values, and the index in this list for each value. */
  private static final int CODEBOOK = 2;

  private static final int MOST_CODES = 256;

  private static final int STORED = 0;
  private static final int DEFLATED = 1;

  private BlockReader() {}

  /**
   * Reads a block.
   *
   * @param source the bytes
   * @param elements receives the raw bits of all elements
   * @param length the number of elements, at least 1
   * @param width the number of bytes of an element: 2, 4 or 8
   * @throws IOException if the block is damaged, or has another number of elements
   */
  public static void get(ByteSource source, long[] elements, int length, int width)
      throws IOException {
    int way = source.getByte(GAPS, "a code for the encoding of positions");
    if (way == ALL) {
      values(source, elements, length, width);
      return;
    }
    int count = (int) source.getCount(length, "a number of values");
    int[] positions =
        way == BITMASK ? fromBitmask(source, length, count) : fromGaps(source, length, count);
    Arrays.fill(elements, 0, length, 0);
    if (count > 0) {
      long[] values = new long[count];
      values(source, values, count, width);
      for (int i = 0; i < count; i++) {
        if (values[i] == 0) {
          throw source.error("expected values that are not zero, but one of them is");
        }
        elements[positions[i]] = values[i];
      }
    }
  }

  private static int[] fromBitmask(ByteSource source, int length, int count) throws IOException {
    byte[] bits = unpacked(source, (length + 7) / 8);
    int[] positions = new int[count];
    int found = 0;
    for (int i = 0; i < 8 * bits.length; i++) {
      if ((bits[i >> 3] & (0x80 >> (i & 7))) != 0) {
        if (found == count || i >= length) {
          throw source.error(
              "expected a bitmask with " + count + " of " + length + " bits set, but found more");
        }
        positions[found++] = i;
      }
    }
    if (found < count) {
      throw source.error("expected a bitmask with " + count + " bits set, but found only " + found);
    }
    return positions;
  }

  private static int[] fromGaps(ByteSource source, int length, int count) throws IOException {
    // A gap has one byte for each seven bits, and none is longer than the block.
    int size = (int) source.getCount(3L * count, "a length of gaps");
    ByteSource gaps = new ByteSource(unpacked(source, size), 0);
    int[] positions = new int[count];
    int next = 0;
    for (int i = 0; i < count; i++) {
      long gap;
      try {
        gap = gaps.getCount(length - 1L - next, "a gap");
      } catch (IOException e) {
        throw source.error(
            "expected gaps within " + length + " elements; among them, " + e.getMessage());
      }
      positions[i] = next + (int) gap;
      next = positions[i] + 1;
    }
    if (gaps.remaining() > 0) {
      throw source.error("expected " + count + " gaps, but found more");
    }
    return positions;
  }

  /**
   * Reads consecutive values.
   *
   * @param source the bytes
   * @param values receives the raw bits
   * @param count the number of values
   * @param width the number of bytes of a value: 2, 4 or 8
   * @throws IOException if the values are damaged
   */
  public static void values(ByteSource source, long[] values, int count, int width)
      throws IOException {
    switch (source.getByte(CODEBOOK, "a code for the encoding of values")) {
      case PLANES:
        Arrays.fill(values, 0, count, 0);
        for (int b = width - 1; b >= 0; b--) {
          byte[] plane = unpacked(source, count);
          for (int i = 0; i < count; i++) {
            values[i] |= (plane[i] & 0xFFL) << (Byte.SIZE * b);
          }
        }
        break;
      case WORDS:
        ByteSource words = new ByteSource(unpacked(source, count * width), 0);
        for (int i = 0; i < count; i++) {
          values[i] = words.getNumber(width);
        }
        break;
      default:
        fromCodebook(source, values, count, width);
    }
  }

  private static void fromCodebook(ByteSource source, long[] values, int count, int width)
      throws IOException {
    int size = (int) source.getCount(MOST_CODES, "a number of shared values");
    long[] book = new long[size];
    for (int i = 0; i < size; i++) {
      book[i] = source.getNumber(width);
    }
    byte[] codes = unpacked(source, count);
    for (int i = 0; i < count; i++) {
      int code = codes[i] & 0xFF;
      if (code >= size) {
        throw source.error("expected codes below " + size + ", but found " + code);
      }
      values[i] = book[code];
    }
  }

  /**
   * Reads a run of bytes, stored unchanged or deflated (RFC 1951, without a header).
   *
   * @param source the bytes
   * @param length the unpacked length, already checked
   * @return the unpacked bytes
   * @throws IOException if the length differs, or the bytes are damaged
   */
  public static byte[] unpacked(ByteSource source, int length) throws IOException {
    if (source.getByte(DEFLATED, "a code for the packing") == STORED) {
      return source.getBytes(length);
    }
    int packed = (int) source.getCount(source.remaining(), "a length of packed bytes");
    byte[] deflated = source.getBytes(packed);
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(deflated);
      byte[] bytes = new byte[length + 1]; // one more, to detect an excess
      int done = 0;
      while (!inflater.finished() && done <= length) {
        int more = inflater.inflate(bytes, done, bytes.length - done);
        if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        done += more;
      }
      if (done != length || !inflater.finished() || inflater.getRemaining() > 0) {
        throw source.error(
            "expected packed bytes for "
                + length
                + ", but found "
                + (done > length ? "more" : done + (inflater.finished() ? "" : ", cut off")));
      }
      return Arrays.copyOf(bytes, length);
    } catch (DataFormatException e) {
      throw source.error("expected packed bytes, but they are damaged: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }
}
