package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.Cifar10Options.Network;
import io.github.dl4jpruning.examples.data.ImageData;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** The options of the {@code cifar10} job; the job itself is {@link TrainingJob}. */
@Command(
    name = "cifar10",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    defaultValueProvider = Cifar10Command.Defaults.class,
    description = {
      "Trains small convolutional networks on the colour images of CIFAR-10, each twice from the"
          + " same initial weights: once dense, and once pruned along a sparsity schedule and then"
          + " fine-tuned. Shows both side by side.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cifar10 --data path/to/cifar10.zip --train-images 5000",
      "  cifar10 --data download --network resnet --final-sparsity 0.8",
      "  cifar10 --data path/to/cifar10 --epochs 20 --fine-tune-epochs 10 --resume"
    })
final class Cifar10Command implements Callable<Integer> {

  /** The defaults that differ from other jobs, because an epoch takes longer here. */
  static final class Defaults implements IDefaultValueProvider {
    private static final Map<String, String> VALUES =
        Map.of(
            "--epochs", "5",
            "--fine-tune-epochs", "2",
            "--learning-rate", "0.003",
            "--final-sparsity", "0.8",
            "--update-every", "20");

    @Override
    public @Nullable String defaultValue(ArgSpec option) {
      return option instanceof OptionSpec named ? VALUES.get(named.longestName()) : null;
    }
  }

  /** The final learning rate, as a fraction of the initial one. */
  private static final double RATE_FALLS_TO = 1.0 / 30;

  @Mixin private Cifar10Options basic;
  @Mixin private LengthOptions length;
  @Mixin private PruningOptions pruning;
  @Mixin private RunOptions run;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    PrintWriter out = spec.commandLine().getOut();
    length.fallUnlessToldOtherwise(RATE_FALLS_TO);
    basic.checkNumbers();
    length.checkNumbers(basic);
    pruning.checkNumbers();
    ImageData images = basic.images();
    basic.limitThreads(null);
    // Bad input is refused before the first epoch.
    List<TrainingJob> jobs = new ArrayList<>();
    for (Network network : basic.networks()) {
      jobs.add(
          TrainingJob.of(
              network.network(),
              images,
              basic.augmentation(),
              basic,
              length,
              pruning,
              run,
              network.toString(),
              out));
    }
    for (TrainingJob job : jobs) {
      job.run();
      out.println();
    }
    return 0;
  }
}
