package io.github.dl4jpruning.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What commands that prune to several sparsities expect of {@code --sparsities}. */
final class RisingSparsities {

  private RisingSparsities() {}

  static void check(List<Double> sparsities, CommandLine command) {
    double last = 0;
    for (double sparsity : sparsities) {
      if (!(sparsity > last && sparsity < 1)) {
        throw new ParameterException(
            command, "--sparsities must rise and be in (0, 1), but are " + sparsities);
      }
      last = sparsity;
    }
  }
}
