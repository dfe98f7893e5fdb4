package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.mask.Mask;
import java.io.Serializable;
import java.util.BitSet;

/**
 * The mask of one tensor on its way to the workers: one bit per weight.
 *
 * @param name layer and key
 * @param length number of weights
 * @param words the bits, 64 in each word
 */
@SuppressWarnings("ArrayRecordComponent") // shipped, never compared
record PackedMask(String name, int length, long[] words) implements Serializable {

  static PackedMask of(String name, Mask mask) {
    long[] words = new long[mask.words()];
    for (int w = 0; w < words.length; w++) {
      words[w] = mask.word(w);
    }
    return new PackedMask(name, mask.length(), words);
  }

  Mask unpacked() {
    return Mask.of(length, BitSet.valueOf(words));
  }
}
