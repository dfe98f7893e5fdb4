package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.structured.StructuredPruner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code shrink} job; the job itself is {@link ShrinkJob}. */
@Command(
    name = "shrink",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Makes a network smaller and faster. Takes a model for handwritten digits or for CIFAR-10, or"
          + " trains one; removes whole neurons and filters until a target is met, with fine-tuning"
          + " in between; and removes dead units. Shows parameters, MACs, file size, latency and"
          + " accuracy before and after.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  shrink --network lenet-5 --target-macs 0.25",
      "  shrink --model runs/mnist/pruned.zip --target-macs 0.25",
      "  shrink --model runs/mnist/dense.zip --target-parameters 0.3 --rounds 4",
      "  shrink --network resnet --data path/to/cifar10.zip --target-macs 0.5"
    })
final class ShrinkCommand implements Callable<Integer> {

  /** A given model has no default target: without one, only its dead units are removed. */
  private static final double TARGET_OF_A_NEW_MODEL = 0.25;

  @Mixin private ModelOptions basic;

  /** At most one target. */
  static final class Target {
    @Option(
        names = "--target-macs",
        paramLabel = "F",
        description =
            "Fraction of the MACs that may remain, in (0, 1). Default without --model: 0.25. A"
                + " --model without a target loses only its dead channels, and its outputs stay the"
                + " same; at a sparsity of 0.9 it often has none.")
    private @Nullable Double macs;

    @Option(
        names = "--target-parameters",
        paramLabel = "F",
        description = "Fraction of the parameters that may remain, in (0, 1).")
    private @Nullable Double parameters;

    @Option(
        names = "--target-latency",
        paramLabel = "F",
        description =
            "Fraction of the time of output() on a batch that may remain, in (0, 1). The time is"
                + " measured, so results vary from run to run.")
    private @Nullable Double latency;
  }

  @ArgGroup private Target target = new Target();

  @Option(
      names = "--in-runtime",
      description =
          "Measure --target-latency in the runtime, one image at a time, instead of output() on a"
              + " batch.")
  private boolean inRuntime;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Number of rounds to reach the target, at least 1.")
  private int rounds;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Epochs of fine-tuning in each round, at least 1; the best epoch is kept.")
  private int fineTuneEpochs;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.01",
      description =
          "Maximum loss of validation accuracy against the dense network, as a fraction: 0.01 is"
              + " one percentage point.")
  private double maxScoreDrop;

  @Option(
      names = "--distill",
      paramLabel = "W",
      defaultValue = "0.5",
      description = "Weight of distillation from the dense network to the smaller one, in [0, 1].")
  private double distill;

  @Option(
      names = "--round-widths-to",
      paramLabel = "N",
      defaultValue = "1",
      description = "Keep dead channels where this makes the width of a layer a multiple of N.")
  private int multiple;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the initial weights and the order of the images.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/shrink",
      description = "Folder for the models, the report and the chart.")
  private Path output;

  @Option(
      names = "--resume",
      description =
          "Continue after the last round of the run in the folder of --output, if there is one.")
  private boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    ImageData images = basic.images();
    if (inRuntime && target.latency == null) {
      throw new ParameterException(
          spec.commandLine(), "--in-runtime needs --target-latency, which is not given");
    }
    Optional<StructuredPruner.Builder> pruner = pruner();
    NetworkShrinker shrinker;
    try {
      shrinker = NetworkShrinker.builder().roundWidthsTo(multiple).build();
      pruner.ifPresent(
          builder -> {
            builder.scoreCalculator(IterativeJob.accuracyOn(images.validation()));
            if (images.format().channels() > 1) { // that of flat digits follows from the network
              builder.inputTypes(ShrinkJob.inputType(images.format()));
            }
            if (inRuntime) {
              builder.latencyBy(new RuntimeLatency(ShrinkJob.exportOptions(images.format())));
            }
            builder.build();
          });
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    OutputFolder folder =
        OutputFolder.open(
            output, ShrinkJob.BEFORE, ShrinkJob.AFTER, ShrinkJob.REPORT, ShrinkJob.CHART);
    basic.limitThreads();
    new ShrinkJob(basic, images, pruner, shrinker, seed, folder, spec.commandLine().getOut())
        .run(resume);
    return 0;
  }

  private Optional<StructuredPruner.Builder> pruner() {
    StructuredPruner.Builder pruner = StructuredPruner.builder();
    if (target.parameters != null) {
      pruner.targetParameters(target.parameters);
    } else if (target.macs != null) {
      pruner.targetMacs(target.macs);
    } else if (target.latency != null) {
      pruner.targetLatency(target.latency);
    } else if (basic.model().isEmpty()) {
      pruner.targetMacs(TARGET_OF_A_NEW_MODEL);
    } else {
      return Optional.empty();
    }
    pruner.rounds(rounds).fineTuneEpochs(fineTuneEpochs).maxScoreDrop(maxScoreDrop);
    if (distill != 0.0) {
      try {
        pruner.distillation(distill, 1.0);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }
    return Optional.of(pruner);
  }
}
