package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageData;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The options of the {@code mnist} job; the job itself is {@link TrainingJob}. */
@Command(
    name = "mnist",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network on handwritten digits twice from the same initial weights: once dense, and"
          + " once pruned along a sparsity schedule and then fine-tuned. Shows both side by side.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  mnist --final-sparsity 0.95 --fine-tune-epochs 10",
      "  mnist --network lenet-5 --distribution uniform --update-every 20",
      "  mnist --schedule one-shot --begin 500i --data path/to/fashion-mnist",
      "  mnist --output runs/mine --resume",
      "  mnist --recipe dl4j-pruning-examples/recipes/compare/lamp.yaml"
    })
final class MnistCommand implements Callable<Integer> {

  @Mixin private MnistOptions basic;
  @Mixin private LengthOptions length;
  @Mixin private PruningOptions pruning;
  @Mixin private RunOptions run;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    // Bad input is refused before the first epoch.
    basic.checkNumbers();
    length.checkNumbers(basic);
    pruning.checkNumbers();
    ImageData digits = basic.digits();
    basic.limitThreads();
    TrainingJob.of(
            basic.network(),
            digits,
            Augmentation.NONE,
            basic,
            length,
            pruning,
            run,
            null,
            spec.commandLine().getOut())
        .run();
    return 0;
  }
}
