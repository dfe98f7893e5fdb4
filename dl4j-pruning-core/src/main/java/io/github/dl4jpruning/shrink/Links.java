package io.github.dl4jpruning.shrink;

import java.util.BitSet;
import java.util.function.IntToDoubleFunction;

/**
 * Between which channels a tensor has a weight that is not zero.
 *
 * @param fed for each input channel, the output channels that it feeds
 * @param notFinite the input channels with a weight that is no number or infinite: zero times that
 *     is not zero
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Links(BitSet[] fed, BitSet notFinite) {

  static Links of(Flow.Tensor tensor, IntToDoubleFunction values) {
    BitSet[] fed = new BitSet[tensor.layout().inputs()];
    for (int i = 0; i < fed.length; i++) {
      fed[i] = new BitSet();
    }
    BitSet notFinite = new BitSet();
    tensor
        .layout()
        .forEach(
            (flat, output, input) -> {
              double value = values.applyAsDouble(flat);
              if (value != 0.0) { // NaN is something too
                fed[input].set(output);
                if (!Double.isFinite(value)) {
                  notFinite.set(input);
                }
              }
            });
    return new Links(fed, notFinite);
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
