package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code spark} job; the job itself is {@link SparkJob}. */
@Command(
    name = "spark",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network on handwritten digits with Apache Spark while it is pruned. Without"
          + " spark-submit, the workers are threads of this process.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  spark --workers 2 --averaging-frequency 5",
      "  spark --checkpoints runs/spark/checkpoints",
      "  spark --recipe dl4j-pruning-examples/recipes/compare/lamp.yaml"
    })
final class SparkCommand implements Callable<Integer> {

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Workers that share the data, at least 1.")
  private int workers;

  @Option(
      names = "--averaging-frequency",
      paramLabel = "N",
      defaultValue = "5",
      description = "Batches that each worker trains on between two averages, at least 1.")
  private int frequency;

  @Mixin private MnistOptions basic;
  @Mixin private LengthOptions length;
  @Mixin private PruningOptions pruning;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the initial weights and the order of the images.")
  private long seed;

  @Option(
      names = "--checkpoints",
      paramLabel = "FOLDER",
      description =
          "Folder for a checkpoint after each round, on any file system that Hadoop knows"
              + " (hdfs://…, file:/…, or a path). The same job, started again, goes on from there."
              + " Default: no checkpoints.")
  private @Nullable String checkpoints;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/spark",
      description = "Folder for the model, on the machine of the driver.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    basic.checkNumbers();
    length.checkNumbers(basic);
    pruning.checkNumbers();
    basic.require(workers >= 1, "--workers", "must be 1 or more", workers);
    basic.require(frequency >= 1, "--averaging-frequency", "must be 1 or more", frequency);
    ImageData digits = basic.digits();
    int batches = digits.train().size() / basic.batchSize();
    basic.require(
        batches >= 1,
        "--batch-size",
        "must be at most the number of training images, " + digits.train().size(),
        basic.batchSize());
    long perRound = (long) workers * frequency;
    int rounds = (int) ((batches + perRound - 1) / perRound);
    int perEpoch = Math.multiplyExact(rounds, frequency);
    PruningListener listener = pruning.listener(length, perEpoch);
    IUpdater updater = length.updater(basic, perEpoch);
    RecipeFile.checkFits(
        basic.network().title(), listener.config(), basic.build(digits, seed, updater));
    OutputFolder folder = OutputFolder.open(output, SparkJob.MODEL);
    basic.limitThreads();
    try {
      new SparkJob(
              digits,
              basic.build(digits, seed, updater),
              listener.config(),
              new SparkJob.Settings(
                  workers, frequency, basic.batchSize(), length.allEpochs(), seed, checkpoints),
              folder,
              spec.commandLine().getOut())
          .run();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }
}
