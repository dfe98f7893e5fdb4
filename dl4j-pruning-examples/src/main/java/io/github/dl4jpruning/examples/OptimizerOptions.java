package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.Threads;
import io.github.dl4jpruning.examples.data.ImageData;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The training options that all jobs share. */
abstract class OptimizerOptions {

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images per iteration.")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "0.001",
      description = "Learning rate of Adam.")
  private double learningRate;

  @Option(
      names = "--l2",
      paramLabel = "C",
      defaultValue = "0",
      description =
          "L2 regularisation of the weights. A small value (0.0001) keeps useless weights small, so"
              + " that pruning finds them.")
  private double l2;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads for ND4J's computations. Default: as many as ND4J chooses, but 1 for"
              + " lenet-300-100, whose matrices are too small to be split.")
  private @Nullable Integer threads;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  double learningRate() {
    return learningRate;
  }

  double l2() {
    return l2;
  }

  int batchSize() {
    return batchSize;
  }

  void checkNumbers() {
    require(batchSize >= 1, "--batch-size", "must be 1 or more", batchSize);
    require(threads == null || threads >= 1, "--threads", "must be 1 or more", threads);
    require(
        learningRate > 0 && Double.isFinite(learningRate),
        "--learning-rate",
        "must be a finite number above 0",
        learningRate);
    require(l2 >= 0 && Double.isFinite(l2), "--l2", "must be a finite number, 0 or above", l2);
  }

  /**
   * Limits ND4J to the requested number of threads.
   *
   * @param unasked the number without --threads; null for as many as ND4J chooses
   */
  void limitThreads(@Nullable Integer unasked) {
    Integer most = threads == null ? unasked : threads;
    if (most != null) {
      Threads.limit(most);
    }
  }

  /**
   * Returns everything that decides the outcome, except what a job adds, to tell runs apart. Images
   * are identified by their content, not by their location.
   */
  String runName(ImageData images, long seed) {
    return String.format(
        Locale.ROOT,
        "seed %d, batch size %d, rate %s, l2 %s, images %s",
        seed,
        batchSize(),
        learningRate(),
        l2(),
        images.fingerprint());
  }

  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("batchSize", batchSize);
    settings.put("learningRate", learningRate);
    if (l2 > 0) {
      settings.put("l2", l2);
    }
    settings.put("threads", Nd4j.getEnvironment().maxMasterThreads());
    return settings;
  }

  final void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  /** Returns the name as typed on the command line. */
  static String optionName(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
