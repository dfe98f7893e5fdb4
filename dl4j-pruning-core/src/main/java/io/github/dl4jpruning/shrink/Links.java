package io.github.dl4jpruning.shrink;

import java.util.BitSet;
import java.util.function.IntToDoubleFunction;

/**
 * Between which channels a tensor has a weight that is not zero.
 *
 * @param fed for each input channel, the output channels that it feeds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Links(BitSet[] fed) {

  static Links of(Flow.Tensor tensor, IntToDoubleFunction values) {
    BitSet[] fed = new BitSet[tensor.layout().inputs()];
    for (int i = 0; i < fed.length; i++) {
      fed[i] = new BitSet();
    }
    tensor
        .layout()
        .forEach(
            (flat, output, input) -> {
              if (values.applyAsDouble(flat) != 0.0) { // NaN is something too
                fed[input].set(output);
              }
            });
    return new Links(fed);
  }

  /** Whether a channel feeds any output but some. */
  boolean feeds(int input, BitSet without) {
    BitSet outputs = fed[input];
    for (int o = outputs.nextSetBit(0); o >= 0; o = outputs.nextSetBit(o + 1)) {
      if (!without.get(o)) {
        return true;
      }
    }
    return false;
  }
}
