package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.pipeline.OneShotJob;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code one-shot}. */
@Command(
    name = "one-shot",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Shows how far a model can be pruned without training: prunes it at once to each of several"
          + " sparsities, by magnitude, by activation and by reconstruction, and scores it. The"
          + " model is not changed.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  one-shot cnn.zip --data photos",
      "  prune cnn.zip --data photos --no-training --final-sparsity 0.8"
    })
public final class OneShotCommand implements Callable<Integer> {

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Needed data;
  @Mixin private SplitArguments parts;
  @Mixin private BatchArguments batches;

  @Option(
      names = "--sparsities",
      paramLabel = "S",
      split = ",",
      defaultValue = "0.5,0.6,0.7,0.8,0.9,0.95",
      description = "Sparsities to prune to, in rising order, each in (0, 1).")
  private List<Double> sparsities;

  @Option(
      names = "--calibration",
      paramLabel = "N",
      defaultValue = "512",
      description = "How many training samples are read.")
  private int calibration;

  @Option(
      names = "--on-test",
      description =
          "Score on the test samples, for a final table. Choose a sparsity by the validation"
              + " samples, which are the default.")
  private boolean onTest;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/one-shot",
      description = "Folder for the table and the chart.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    batches.check();
    RisingSparsities.check(sparsities, spec.commandLine());
    if (calibration < 1) {
      throw new ParameterException(
          spec.commandLine(), "--calibration must be 1 or more, but is " + calibration);
    }
    batches.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      ModelFile file = model.load();
      OutputFolder folder = model.output(output, OneShotJob.TABLE, OneShotJob.CHART);
      Workbench.showNotes(file, out);
      Workbench bench =
          Workbench.open(file, data, parts, batches, output.resolve(OutputFolder.CACHE), out);
      new OneShotJob(
              String.valueOf(model.file().getFileName()),
              bench.scored(),
              sparsities,
              calibration,
              onTest,
              folder,
              out)
          .run(file.network());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }
}
