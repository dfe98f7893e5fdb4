package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.model.RawValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;

/** What the tests of compact files do to networks, and see of them. */
final class CompactFixtures {

  private CompactFixtures() {}

  /** Sets a part of all parameters to zero, and some to what is rare. */
  static void prune(Model network, double sparsity, Random random) {
    RawValues.View view = RawValues.parametersOf(network).view();
    long[] element = new long[1];
    for (long i = 0; i < network.params().length(); i++) {
      if (random.nextDouble() < sparsity) {
        element[0] = 0;
        view.write(i, element, 1);
      }
    }
  }

  /** Every bit of parameters and updater state; a NaN has its payload. */
  static long[] bits(Model network) {
    List<Long> all = new ArrayList<>();
    for (RawValues values :
        List.of(RawValues.parametersOf(network), RawValues.updaterStateOf(network))) {
      long[] bits = new long[(int) values.length()];
      if (bits.length > 0) {
        values.view().read(0, bits, bits.length);
      }
      for (long bit : bits) {
        all.add(bit);
      }
    }
    return all.stream().mapToLong(Long::longValue).toArray();
  }
}
