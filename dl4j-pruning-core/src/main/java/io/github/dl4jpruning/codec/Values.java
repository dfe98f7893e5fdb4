package io.github.dl4jpruning.codec;

import java.util.Arrays;

/**
 * Writes values in the shortest of three encodings:
 *
 * <ul>
 *   <li>planes: the highest byte of all values, then the next byte of all values, down to the
 *       lowest. Each plane is packed on its own, because signs and exponents repeat, but the last
 *       bits of a mantissa do not.
 *   <li>words: each value as it is, all packed together. This is shorter if whole values repeat.
 *   <li>codebook: for at most 256 distinct values, a list of them, and for each value its index in
 *       the list. Shared weights are written like this.
 * </ul>
 */
final class Values {

  private static final int PLANES = 0;
  private static final int WORDS = 1;
  private static final int CODEBOOK = 2;

  /** Tried in this order; the first of equal length wins. */
  private static final int[] WAYS = {CODEBOOK, PLANES, WORDS};

  private static final int[] WAYS_WITHOUT_CODES = {PLANES, WORDS};

  private static final int MOST_CODES = 256;

  /** For more values than this, a sample of evenly spaced pieces decides. */
  private static final int SAMPLE = 1 << 13;

  private static final int PIECES = 8;

  /** Up to this count every encoding is tried, because a few bytes of overhead matter. */
  private static final int SHORT = 1 << 6;

  /**
   * Planes save more over words than repeated values would if only this share of random values
   * repeats.
   */
  private static final double FEW_REPEAT = 0.1;

  /** Golden-ratio multiplier that spreads values over hash slots. */
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private Values() {}

  static void put(long[] values, int count, int width, Packed packed, ByteSink sink) {
    long[] book = codebook(values, count);
    long[] sample = count <= SAMPLE ? values : sample(values, count);
    int part = Math.min(count, SAMPLE);
    int way = PLANES;
    if (book.length > 0 || part <= SHORT || repeats(sample, part)) {
      ByteSink shortest = new ByteSink();
      for (int other : book.length > 0 ? WAYS : WAYS_WITHOUT_CODES) {
        ByteSink tried = new ByteSink();
        put(other, sample, part, width, book, packed, tried);
        if (shortest.size() == 0 || tried.size() < shortest.size()) {
          way = other;
          shortest = tried;
        }
      }
      if (count == part) {
        sink.putBytes(shortest.toBytes(), shortest.size());
        return;
      }
    }
    put(way, values, count, width, book, packed, sink);
  }

  /** Returns whether enough whole values repeat that words may be shorter than planes. */
  private static boolean repeats(long[] values, int count) {
    int logCount = Integer.SIZE - Integer.numberOfLeadingZeros(count);
    long[] seen = new long[2 << logCount];
    int shift = Long.SIZE - 1 - logCount;
    int again = 0;
    for (int i = 0; i < count; i++) {
      int slot = (int) ((values[i] * MIX) >>> shift);
      if (seen[slot] == values[i]) {
        again++;
      }
      seen[slot] = values[i];
    }
    return again > FEW_REPEAT * count;
  }

  private static long[] sample(long[] values, int count) {
    long[] sample = new long[SAMPLE];
    int piece = SAMPLE / PIECES;
    for (int p = 0; p < PIECES; p++) {
      int from = (int) ((long) (count - piece) * p / (PIECES - 1));
      System.arraycopy(values, from, sample, p * piece, piece);
    }
    return sample;
  }

  private static void put(
      int way, long[] values, int count, int width, long[] book, Packed packed, ByteSink sink) {
    sink.putByte(way);
    switch (way) {
      case PLANES -> {
        for (int b = width - 1; b >= 0; b--) {
          byte[] plane = new byte[count];
          for (int i = 0; i < count; i++) {
            plane[i] = (byte) (values[i] >>> (Byte.SIZE * b));
          }
          packed.put(plane, count, sink);
        }
      }
      case WORDS -> {
        byte[] words = new byte[count * width];
        for (int i = 0; i < count; i++) {
          for (int b = 0; b < width; b++) {
            words[i * width + b] = (byte) (values[i] >>> (Byte.SIZE * (width - 1 - b)));
          }
        }
        packed.put(words, words.length, sink);
      }
      default -> {
        sink.putCount(book.length);
        for (long value : book) {
          sink.putNumber(value, width);
        }
        byte[] codes = new byte[count];
        for (int i = 0; i < count; i++) {
          codes[i] = (byte) Arrays.binarySearch(book, values[i]);
        }
        packed.put(codes, count, sink);
      }
    }
  }

  /**
   * Returns the distinct values, ordered by their bits as signed numbers; empty if there are too
   * many, or if no value repeats.
   */
  private static long[] codebook(long[] values, int count) {
    long[] book = new long[MOST_CODES];
    int size = 0;
    for (int i = 0; i < count; i++) {
      int place = Arrays.binarySearch(book, 0, size, values[i]);
      if (place < 0) {
        if (size == MOST_CODES) {
          return new long[0];
        }
        int insert = -place - 1;
        System.arraycopy(book, insert, book, insert + 1, size - insert);
        book[insert] = values[i];
        size++;
      }
    }
    return size == count ? new long[0] : Arrays.copyOf(book, size);
  }
}
