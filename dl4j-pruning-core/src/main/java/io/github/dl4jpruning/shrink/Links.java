package io.github.dl4jpruning.shrink;

import java.util.BitSet;
import java.util.function.IntToDoubleFunction;

/**
 * The channels between which a tensor has non-zero weights.
 *
 * @param fed for each input channel, the output channels that it feeds
 * @param notFinite the input channels with a NaN or infinite weight, for which zero times the
 *     weight is not zero
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
              if (value != 0.0) { // true for NaN too
                fed[input].set(output);
                if (!Double.isFinite(value)) {
                  notFinite.set(input);
                }
              }
            });
    return new Links(fed, notFinite);
  }

  /** Returns whether a channel feeds any output other than the given ones. */
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
