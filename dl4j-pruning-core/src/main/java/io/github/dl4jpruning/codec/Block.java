package io.github.dl4jpruning.codec;

/**
 * Writes up to {@link #LONGEST} elements of a tensor as the positions and values of the non-zero
 * elements. {@link io.github.dl4jpruning.runtime.codec.BlockReader} restores them bit for bit.
 *
 * <p>Elements are raw bits. Zero means that no bit is set; −0.0 is a value like any other. A block
 * consists of one byte for the encoding of the positions, the number of values as a count, the
 * positions, one byte for the encoding of the values, and the values. If all elements are values,
 * count and positions are omitted. The shortest encodings are used. Source: S. Han et al., "Deep
 * Compression", 2016 (arXiv 1510.00149), whose gaps have a fixed number of bits.
 */
public final class Block {

  /** The most elements in one block; bounds the memory of the writer and the reader. */
  public static final int LONGEST = 1 << 20;

  /** Up to this length all encodings are tried; above it, only promising ones. */
  private static final int SHORT = 1 << 6;

  /** Above this share of non-zeros, writing the zeros may be shorter than writing positions. */
  private static final double MANY_VALUES = 0.5;

  /** All elements are written as values, including zeros. */
  private static final int ALL = 0;

  /** One bit for each element: element i is bit 7 − i mod 8 of byte ⌊i / 8⌋. */
  private static final int BITMASK = 1;

  /** The number of zeros before each value, as a count (LEB128). */
  private static final int GAPS = 2;

  private Block() {}

  /**
   * Appends a block.
   *
   * @param elements the raw bits of the elements
   * @param length the number of elements, 1 to {@link #LONGEST}
   * @param width bytes per element: 2, 4 or 8
   * @param sink the destination
   */
  public static void put(long[] elements, int length, int width, ByteSink sink) {
    try (Packed packed = new Packed()) {
      put(elements, length, width, packed, sink);
    }
  }

  /**
   * Appends one of many blocks.
   *
   * @param elements the raw bits of the elements
   * @param length the number of elements, 1 to {@link #LONGEST}
   * @param width bytes per element: 2, 4 or 8
   * @param packed shared by all blocks, because creating it takes longer than packing a few bytes
   * @param sink the destination
   */
  public static void put(long[] elements, int length, int width, Packed packed, ByteSink sink) {
    long[] values = new long[length];
    int count = 0;
    for (int i = 0; i < length; i++) {
      if (elements[i] != 0) {
        values[count++] = elements[i];
      }
    }
    byte[] shortest = shortest(elements, length, values, count, width, packed);
    sink.putBytes(shortest, shortest.length);
  }

  private static byte[] shortest(
      long[] elements, int length, long[] values, int count, int width, Packed packed) {
    if (count == length) { // writing positions would always be longer
      return all(elements, length, width, packed);
    }
    byte[] sparse = sparse(elements, length, values, count, width, packed);
    if (!mayTakeAll(count, length)) {
      return sparse;
    }
    byte[] all = all(elements, length, width, packed);
    return all.length <= sparse.length ? all : sparse;
  }

  private static boolean mayTakeAll(int count, int length) {
    return length <= SHORT || count > MANY_VALUES * length;
  }

  private static byte[] all(long[] elements, int length, int width, Packed packed) {
    ByteSink sink = new ByteSink();
    sink.putByte(ALL);
    Values.put(elements, length, width, packed, sink);
    return sink.toBytes();
  }

  private static byte[] sparse(
      long[] elements, int length, long[] values, int count, int width, Packed packed) {
    ByteSink bits = new ByteSink();
    packed.put(bitmask(elements, length), (length + 7) / 8, bits);
    ByteSink gaps = new ByteSink();
    byte[] counts = gaps(elements, length);
    gaps.putCount(counts.length);
    packed.put(counts, counts.length, gaps);
    boolean masked = bits.size() <= gaps.size();
    ByteSink sink = new ByteSink();
    sink.putByte(masked ? BITMASK : GAPS);
    sink.putCount(count);
    byte[] positions = (masked ? bits : gaps).toBytes();
    sink.putBytes(positions, positions.length);
    if (count > 0) {
      Values.put(values, count, width, packed, sink);
    }
    return sink.toBytes();
  }

  private static byte[] bitmask(long[] elements, int length) {
    byte[] bits = new byte[(length + 7) / 8];
    for (int i = 0; i < length; i++) {
      if (elements[i] != 0) {
        bits[i >> 3] |= (byte) (0x80 >> (i & 7));
      }
    }
    return bits;
  }

  private static byte[] gaps(long[] elements, int length) {
    ByteSink counts = new ByteSink();
    int gap = 0;
    for (int i = 0; i < length; i++) {
      if (elements[i] == 0) {
        gap++;
      } else {
        counts.putCount(gap);
        gap = 0;
      }
    }
    return counts.toBytes();
  }
}
