package io.github.dl4jpruning.codec;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes runs of bytes as they are, or deflated if that is shorter (RFC 1951, without a header).
 *
 * <p>Deflate is used with repetitions or with Huffman codes alone, whichever is shorter. Huffman
 * codes alone suit bytes that differ only in frequency, such as gaps and codes. Strategies that
 * {@link Frequencies} rules out are not tried, since deflating takes nearly all the time of writing
 * a file. For a long run, samples decide.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Packed implements AutoCloseable {

  private static final int STORED = 0;
  private static final int DEFLATED = 1;

  /** The size of the sample of a longer run, in evenly spaced pieces. */
  private static final int SAMPLE = 1 << 14;

  private static final int PIECES = 8;

  /** The size of the piece that is tested for repetitions at short distances. */
  private static final int PROBE = 1 << 11;

  /** Repetitions are tried on the whole sample if they save more than this share of the piece. */
  private static final double WORTH = 0.01;

  /** The most bytes that the length of a deflated run needs. */
  private static final int LONGEST_HEADER = 5;

  /** A strategy of deflate. */
  private enum Way {
    /** For bytes of few values, searching more thoroughly takes very long and finds little more. */
    REPETITIONS(Deflater.DEFAULT_STRATEGY),
    FREQUENCIES(Deflater.HUFFMAN_ONLY);

    private final int strategy;

    Way(int strategy) {
      this.strategy = strategy;
    }

    private Deflater deflater() {
      Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      deflater.setStrategy(strategy);
      return deflater;
    }
  }

  /** Created on demand and kept: each holds a quarter of a megabyte outside the heap. */
  private final Map<Way, Deflater> deflaters = new EnumMap<>(Way.class);

  private byte[] buffer = new byte[SAMPLE];

  /** Appends a run. */
  void put(byte[] bytes, int length, ByteSink sink) {
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

  /** Returns the deflated run; null if it is not shorter. */
  private byte @Nullable [] shortest(byte[] bytes, int length) {
    int part = Math.min(length, SAMPLE);
    byte[] sample = length <= SAMPLE ? bytes : sample(bytes, length);
    double bits = Frequencies.bits(sample, part);
    Way way = Way.FREQUENCIES;
    byte @Nullable [] shorter = null;
    if (Frequencies.repeats(sample, part, bits) || repeatsNearby(sample, part)) {
      shorter = deflate(Way.REPETITIONS, sample, part);
      way = Byte.SIZE * shorter.length <= bits ? Way.REPETITIONS : way;
    }
    if (way == Way.FREQUENCIES && bits < Byte.SIZE * (part - LONGEST_HEADER)) {
      byte[] frequencies = deflate(Way.FREQUENCIES, sample, part);
      if (shorter == null || frequencies.length <= shorter.length) {
        shorter = frequencies;
      } else {
        way = Way.REPETITIONS;
      }
    }
    if (shorter == null) {
      return null;
    }
    if (length > part) {
      shorter = shorter.length < part ? deflate(way, bytes, length) : bytes;
    }
    return shorter.length + LONGEST_HEADER < length ? shorter : null;
  }

  /**
   * Returns whether repetitions shorten a piece from the middle. Bytes that change slowly repeat at
   * short distances, which cost less than {@link Frequencies} assumes.
   */
  private boolean repeatsNearby(byte[] bytes, int length) {
    if (length <= 2 * PROBE) {
      return false;
    }
    byte[] piece = Arrays.copyOfRange(bytes, (length - PROBE) / 2, (length + PROBE) / 2);
    double saved =
        Frequencies.bits(piece, PROBE) - Byte.SIZE * deflate(Way.REPETITIONS, piece, PROBE).length;
    return saved > WORTH * Byte.SIZE * PROBE;
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

  private byte[] deflate(Way way, byte[] bytes, int length) {
    Deflater deflater = deflaters.computeIfAbsent(way, Way::deflater);
    deflater.reset();
    deflater.setInput(bytes, 0, length);
    deflater.finish();
    int done = 0;
    while (!deflater.finished()) {
      if (done == buffer.length) {
        buffer = Arrays.copyOf(buffer, 2 * done);
      }
      done += deflater.deflate(buffer, done, buffer.length - done);
    }
    return Arrays.copyOf(buffer, done);
  }

  /** Frees the memory that the deflaters hold outside the heap. */
  @Override
  public void close() {
    deflaters.values().forEach(Deflater::end);
  }
}
