package io.github.dl4jpruning.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The length of fine-tuning. */
final class FineTuneArguments {

  private static final int ITERATIONS = 500;
  private static final int LEAST_EPOCHS = 3;
  private static final int MOST_EPOCHS = 50;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      description = {
        "Epochs of fine-tuning in each round; the best is kept. Default: as many as make 500"
            + " iterations, from 3 to 50."
      })
  private @Nullable Integer epochs;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  void check() {
    if (epochs != null && epochs < 1) {
      throw new ParameterException(
          spec.commandLine(), "--fine-tune-epochs must be 1 or more, but is " + epochs);
    }
  }

  /**
   * Returns the epochs.
   *
   * @param batches batches in an epoch
   */
  int epochs(int batches) {
    return epochs != null
        ? epochs
        : Math.min(MOST_EPOCHS, Math.max(LEAST_EPOCHS, (ITERATIONS - 1) / batches + 1));
  }

  /** Returns what decides the outcome. */
  String identity() {
    return "fine-tuning " + epochs;
  }
}
