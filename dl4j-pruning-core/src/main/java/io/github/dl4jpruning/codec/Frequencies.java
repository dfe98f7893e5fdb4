package io.github.dl4jpruning.codec;

/** What a run of bytes needs at least, told from how often each byte stands in it. */
final class Frequencies {

  private static final int BYTES = 1 << Byte.SIZE;

  /** Of deflate's table of codes: what stands before the lengths of the codes. */
  private static final int TABLE_BITS = 40;

  /** The length of a code, itself in a code. */
  private static final int CODE_BITS = 2;

  /** What a repetition needs beside its distance: its length, in bits, and a margin. */
  private static final int LENGTH_BITS = 10;

  /** To look for longer ones would cost more than they save. */
  private static final int LONGEST = 64;

  /** Where fewer places than one of so many repeat, there is nothing to be saved. */
  private static final int FEW = 8;

  private static final int FACTOR = 0x01000193;
  private static final int SPREAD = 0x9E3779B1;

  private Frequencies() {}

  /**
   * The entropy of all bytes together, in bits, and the least that a table of codes needs: no code
   * for single bytes is shorter.
   */
  static double bits(byte[] bytes, int length) {
    int[] counts = new int[BYTES];
    for (int i = 0; i < length; i++) {
      counts[Byte.toUnsignedInt(bytes[i])]++;
    }
    double nats = 0.0;
    int different = 0;
    for (int count : counts) {
      if (count > 0) {
        nats += count * Math.log((double) length / count);
        different++;
      }
    }
    return nats / Math.log(2.0) + TABLE_BITS + different * CODE_BITS;
  }

  /**
   * Whether so many sequences stand there twice that it may pay to say where they stood before. It
   * pays for a sequence whose own codes are longer than its distance and length. That is why rare
   * bytes count from three on, and frequent ones only in long sequences, of which a run of random
   * bytes has next to none.
   *
   * @param bits what the run needs without repetitions
   */
  static boolean repeats(byte[] bytes, int length, double bits) {
    int logLength = Integer.SIZE - Integer.numberOfLeadingZeros(length);
    double worth = (logLength + LENGTH_BITS) * (double) length;
    int sequence = (int) Math.max(3, Math.min(LONGEST, Math.ceil(worth / Math.max(1.0, bits))));
    if (length <= sequence) {
      return false;
    }
    int oldest = FACTOR;
    for (int i = 0; i < sequence; i++) {
      oldest *= FACTOR;
    }
    int[] seen = new int[2 << logLength];
    int shift = Integer.SIZE - 1 - logLength;
    int hash = 0;
    int again = 0;
    for (int i = 0; i < length; i++) {
      hash = (hash + bytes[i]) * FACTOR;
      if (i >= sequence) {
        hash -= bytes[i - sequence] * oldest;
      }
      if (i >= sequence - 1) {
        int mixed = hash * SPREAD;
        int slot = mixed >>> shift;
        if (seen[slot] == (mixed | 1)) {
          again++;
        }
        seen[slot] = mixed | 1; // 0 is for none
      }
    }
    return again * FEW > length;
  }
}
