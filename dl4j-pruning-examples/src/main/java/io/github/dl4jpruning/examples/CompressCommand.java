package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code compress} job; the job itself is {@link CompressJob}. */
@Command(
    name = "compress",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model to a compact file, lossless or with weights that share a few values, which"
          + " can then be fine-tuned. Shows the size and accuracy of each form; reads the file back"
          + " and checks that its predictions are the same.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  compress --model runs/mnist/pruned.zip",
      "  compress --model runs/mnist/pruned.zip --bits 4 --fine-tune-epochs 2",
      "  compress --model runs/cifar10/vgg/pruned.zip --images cifar10 --data path/to/cifar10.zip"
    })
final class CompressCommand implements Callable<Integer> {

  private static final int MOST_BITS = 8;

  @Mixin private ModelOptions basic;

  @Option(
      names = "--bits",
      paramLabel = "N",
      description =
          "Weights share 2^N values in each tensor; N is 1 to 8. Default: the file is lossless.")
  private @Nullable Integer bits;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "With --bits: train the shared values for this many epochs, while the codes stay fixed;"
              + " the epoch with the best validation accuracy is kept.")
  private int fineTuneEpochs;

  @Option(
      names = "--fine-tune-rate",
      paramLabel = "R",
      defaultValue = "0.0001",
      description = "Learning rate for --fine-tune-epochs.")
  private double fineTuneRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed for the order of the images, and for the initial weights if a model is trained.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/compress",
      description = "Folder for the compact file, the report and the chart.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    require(bits == null || (bits >= 1 && bits <= MOST_BITS), "--bits", "1 to 8", bits);
    require(fineTuneEpochs >= 0, "--fine-tune-epochs", "0 or more", fineTuneEpochs);
    require(
        fineTuneEpochs == 0 || bits != null,
        "--fine-tune-epochs",
        "0 without --bits, since nothing is lost",
        fineTuneEpochs);
    require(
        fineTuneRate > 0 && Double.isFinite(fineTuneRate),
        "--fine-tune-rate",
        "a finite number above 0",
        fineTuneRate);
    ImageData images = basic.images();
    OutputFolder folder =
        OutputFolder.open(output, CompressJob.MODEL, CompressJob.REPORT, CompressJob.CHART);
    basic.limitThreads();
    new CompressJob(
            basic,
            images,
            bits == null ? OptionalInt.empty() : OptionalInt.of(bits),
            fineTuneEpochs,
            fineTuneRate,
            seed,
            folder,
            spec.commandLine().getOut())
        .run();
    return 0;
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(
          spec.commandLine(), option + " must be " + rule + ", but is " + value);
    }
  }
}
