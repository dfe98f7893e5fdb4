package io.github.dl4jpruning.compact;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A run of bytes as it is, or deflated where that is shorter (RFC 1951, without a header).
 *
 * <p>Of deflate's ways the one that is shortest is taken: with repetitions, or with Huffman's codes
 * alone, which is better for bytes that only differ in how frequent they are, such as gaps and
 * codes. In a long run samples of it decide.
 */
final class Packed {

  private static final int STORED = 0;
  private static final int DEFLATED = 1;

  /** Up to here each way is tried on the whole, with all the time that it takes. */
  private static final int SHORT = 1 << 16;

  /** Of a long run, how much is tried, in pieces that are evenly spread. */
  private static final int SAMPLE = 1 << 14;

  private static final int PIECES = 8;

  /** Of what is packed: its length. */
  private static final int LONGEST_HEADER = 5;

  private static final int BUFFER = 1 << 13;

  /** How to deflate. */
  private enum Way {
    /** Of a short run every repetition is looked for. */
    ALL_REPETITIONS(Deflater.BEST_COMPRESSION, Deflater.DEFAULT_STRATEGY),
    /** Where bytes differ little, to look for all takes very long and finds little more. */
    REPETITIONS(Deflater.DEFAULT_COMPRESSION, Deflater.DEFAULT_STRATEGY),
    FREQUENCIES(Deflater.DEFAULT_COMPRESSION, Deflater.HUFFMAN_ONLY);

    private final int level;
    private final int strategy;

    Way(int level, int strategy) {
      this.level = level;
      this.strategy = strategy;
    }
  }

  private Packed() {}

  /** Appends a run. */
  static void put(byte[] bytes, int length, ByteSink sink) {
    byte[] shortest = shortest(bytes, length);
    if (shortest == null) {
      sink.putByte(STORED);
      sink.putBytes(bytes, length);
    } else {
      sink.putByte(DEFLATED);
      sink.putCount(shortest.length);
      sink.putBytes(shortest, shortest.length);
    }
  }

  /** Null if it is shortest as it is. */
  private static byte[] shortest(byte[] bytes, int length) {
    if (length <= SHORT) {
      byte[] all = deflate(Way.ALL_REPETITIONS, bytes, length);
      byte[] frequencies = deflate(Way.FREQUENCIES, bytes, length);
      return ifShorter(all.length <= frequencies.length ? all : frequencies, length);
    }
    byte[] sample = sample(bytes, length);
    int repetitions = deflate(Way.REPETITIONS, sample, SAMPLE).length;
    int frequencies = deflate(Way.FREQUENCIES, sample, SAMPLE).length;
    if (Math.min(repetitions, frequencies) >= SAMPLE) {
      return null;
    }
    Way way = repetitions < frequencies ? Way.REPETITIONS : Way.FREQUENCIES;
    return ifShorter(deflate(way, bytes, length), length);
  }

  private static byte[] ifShorter(byte[] deflated, int length) {
    return deflated.length + LONGEST_HEADER < length ? deflated : null;
  }

  private static byte[] sample(byte[] bytes, int length) {
    byte[] sample = new byte[SAMPLE];
    int piece = SAMPLE / PIECES;
    for (int p = 0; p < PIECES; p++) {
      int from = (int) ((long) (length - piece) * p / (PIECES - 1));
      System.arraycopy(bytes, from, sample, p * piece, piece);
    }
    return sample;
  }

  private static byte[] deflate(Way way, byte[] bytes, int length) {
    Deflater deflater = new Deflater(way.level, true);
    try {
      deflater.setStrategy(way.strategy);
      deflater.setInput(bytes, 0, length);
      deflater.finish();
      ByteSink out = new ByteSink();
      byte[] buffer = new byte[BUFFER];
      while (!deflater.finished()) {
        out.putBytes(buffer, deflater.deflate(buffer));
      }
      return out.toBytes();
    } finally {
      deflater.end();
    }
  }

  /**
   * Reads a run.
   *
   * @param length how long it is, a length that has been checked
   * @throws IOException if it is another length, or damaged
   */
  static byte[] get(ByteSource source, int length) throws IOException {
    if (source.getByte(DEFLATED, "a way to pack") == STORED) {
      return source.getBytes(length);
    }
    int packed = (int) source.getCount(source.remaining(), "a length of packed bytes");
    byte[] deflated = source.getBytes(packed);
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(deflated);
      byte[] bytes = new byte[length + 1]; // one more, to see what is too long
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
