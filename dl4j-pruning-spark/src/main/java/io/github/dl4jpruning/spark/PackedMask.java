package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.mask.Mask;
import java.io.Serializable;
import java.util.BitSet;

/**
 * The mask of one tensor on its way to the workers: one bit per weight. It is no record, because
 * the Kryo of Spark cannot read records.
 */
final class PackedMask implements Serializable {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final int length;

  /** The bits, 64 in each word. */
  private final long[] words;

  private PackedMask(String name, int length, long[] words) {
    this.name = name;
    this.length = length;
    this.words = words;
  }

  /**
   * Packs a mask.
   *
   * @param name layer and key of the tensor
   * @param mask the mask
   */
  static PackedMask of(String name, Mask mask) {
    long[] words = new long[mask.words()];
    for (int w = 0; w < words.length; w++) {
      words[w] = mask.word(w);
    }
    return new PackedMask(name, mask.length(), words);
  }

  String name() {
    return name;
  }

  Mask unpacked() {
    return Mask.of(length, BitSet.valueOf(words));
  }
}
