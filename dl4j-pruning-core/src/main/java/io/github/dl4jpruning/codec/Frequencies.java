package io.github.dl4jpruning.codec;

/** Estimates the least space that a run of bytes needs, from the frequency of each byte. */
final class Frequencies {

  private static final int BYTES = 1 << Byte.SIZE;

  /** The bits in deflate's code table before the code lengths. */
  private static final int TABLE_BITS = 40;

  /** The bits of one code length, which is itself Huffman-coded. */
  private static final int CODE_BITS = 2;

  /** The bits of a repetition in addition to its distance: its length and a margin. */
  private static final int LENGTH_BITS = 10;

  /** Looking for longer sequences would cost more than they save. */
  private static final int LONGEST = 64;

  /** If fewer than one in this many positions repeats, nothing can be saved. */
  private static final int FEW = 8;

  private static final int FACTOR = 0x01000193;
  private static final int SPREAD = 0x9E3779B1;

  private Frequencies() {}

  /**
   * Returns the entropy of all bytes in bits, plus the smallest size of a code table. No code for
   * single bytes is shorter.
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
   * Returns whether enough sequences occur twice that references to earlier occurrences may pay. A
   * reference pays if the codes of the sequence are longer than its distance and length. That is
   * why sequences of rare bytes count from length three on, and frequent bytes count only in long
   * sequences, of which a run of random bytes has almost none.
   *
   * @param bits the size of the run without repetitions
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
        seen[slot] = mixed | 1; // 0 marks an empty slot
      }
    }
    return again * FEW > length;
  }
}
