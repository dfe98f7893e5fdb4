package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.Threads;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how data is read in batches. */
class BatchArguments {

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Samples per iteration.")
  private int batchSize;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads for ND4J's computations. Default: as many as ND4J chooses.")
  private @Nullable Integer threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed for all random choices: the division of the data, the order of samples, dropout.")
  private long seed;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  void check() {
    require(batchSize >= 1, "--batch-size", "must be 1 or more", batchSize);
    require(threads == null || threads >= 1, "--threads", "must be 1 or more", threads);
  }

  final void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  /** Epochs of training before a model is used; its scores say nothing until then. */
  int denseEpochs() {
    return 0;
  }

  int batchSize() {
    return batchSize;
  }

  long seed() {
    return seed;
  }

  void limitThreads() {
    if (threads != null) {
      Threads.limit(threads);
    }
  }

  /** Returns everything that decides the outcome. */
  String identity() {
    return String.format(Locale.ROOT, "batch size %d, seed %d", batchSize, seed);
  }
}
