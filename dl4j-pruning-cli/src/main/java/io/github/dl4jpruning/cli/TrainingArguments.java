package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.Threads;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how networks are trained. */
final class TrainingArguments {

  /** What moves the weights. */
  enum Optimizer {
    KEEP,
    ADAM
  }

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "0",
      description = "Epochs of training before anything is removed, for a model without training.")
  private int denseEpochs;

  @Option(
      names = "--ramp-epochs",
      paramLabel = "N",
      description =
          "Epochs over which a round prunes; 0 prunes in one step. Default: a third of"
              + " --fine-tune-epochs.")
  private @Nullable Integer rampEpochs;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      description = {
        "Epochs of fine-tuning in each round; the best is kept. With --recipe all epochs. Default:"
            + " as many as make 500 iterations, from 3 to 50."
      })
  private @Nullable Integer fineTuneEpochs;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "keep: the model's own; adam. Default: adam for Keras models, keep for others.")
  private @Nullable Optimizer optimizer;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "Learning rate. Default: the model's own; 0.001 for adam.")
  private @Nullable Double learningRate;

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
      description = "Seed for the division of the data and the order of samples.")
  private long seed;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  private static final int ITERATIONS = 500;
  private static final int LEAST_EPOCHS = 3;
  private static final int MOST_EPOCHS = 50;

  void check() {
    require(denseEpochs >= 0, "--dense-epochs", "must be 0 or more", denseEpochs);
    require(
        rampEpochs == null || rampEpochs >= 0, "--ramp-epochs", "must be 0 or more", rampEpochs);
    require(
        fineTuneEpochs == null || fineTuneEpochs >= 1,
        "--fine-tune-epochs",
        "must be 1 or more",
        fineTuneEpochs);
    require(batchSize >= 1, "--batch-size", "must be 1 or more", batchSize);
    require(threads == null || threads >= 1, "--threads", "must be 1 or more", threads);
    require(
        learningRate == null || (learningRate > 0 && Double.isFinite(learningRate)),
        "--learning-rate",
        "must be a finite number above 0",
        learningRate);
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  int denseEpochs() {
    return denseEpochs;
  }

  int epochs(int batches) {
    return fineTuneEpochs != null
        ? fineTuneEpochs
        : Math.min(MOST_EPOCHS, Math.max(LEAST_EPOCHS, (ITERATIONS - 1) / batches + 1));
  }

  int rampEpochs(int batches) {
    return rampEpochs != null ? rampEpochs : epochs(batches) / 3;
  }

  boolean isAdam(boolean keras) {
    return optimizer == null ? keras : optimizer == Optimizer.ADAM;
  }

  OptionalDouble learningRate() {
    return learningRate == null ? OptionalDouble.empty() : OptionalDouble.of(learningRate);
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
    return String.format(
        Locale.ROOT,
        "dense epochs %d, ramp %s, fine-tuning %s, optimizer %s, rate %s, batch size %d, seed %d",
        denseEpochs,
        rampEpochs,
        fineTuneEpochs,
        optimizer,
        learningRate,
        batchSize,
        seed);
  }
}
