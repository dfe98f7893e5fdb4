package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.pipeline.DenseTraining;
import io.github.dl4jpruning.pipeline.SensitivityJob;
import io.github.dl4jpruning.tune.SensitivityScan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sensitivity}. */
@Command(
    name = "sensitivity",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Shows how much sparsity each layer of a model tolerates: prunes one layer at a time at each"
          + " of several sparsities, without retraining, and scores the model. Proposes a sparsity"
          + " for each layer, as a recipe.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  sensitivity iris.zip --data iris.csv",
      "  sensitivity cnn.zip --data photos --sparsities 0.9,0.95,0.99 --max-score-drop 0.02",
      "  prune cnn.zip --data photos --recipe runs/sensitivity/proposal.yaml"
    })
public final class SensitivityCommand implements Callable<Integer> {

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Needed data;
  @Mixin private SplitArguments parts;

  @Option(
      names = "--sparsities",
      paramLabel = "S",
      split = ",",
      defaultValue = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95,0.99",
      description = "Sparsities to try on each layer, in rising order, each in (0, 1).")
  private List<Double> sparsities;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.01",
      description = "How much worse the score may be for each layer of the proposal.")
  private double maxScoreDrop;

  @Option(
      names = "--in-runtime",
      description = "Also time one prediction in the runtime in each probe, which takes a second.")
  private boolean inRuntime;

  @Mixin private TrainingArguments training;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/sensitivity",
      description = "Folder for the table, the heat map and the recipe.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    training.check();
    if (training.denseEpochs() == 0 && training.isTuned()) {
      throw new ParameterException(
          spec.commandLine(), "--optimizer and --learning-rate need --dense-epochs above 0");
    }
    RisingSparsities.check(sparsities, spec.commandLine());
    if (!(maxScoreDrop >= 0.0)) {
      throw new ParameterException(
          spec.commandLine(), "--max-score-drop must be 0 or more, but is " + maxScoreDrop);
    }
    training.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      ModelFile file = model.load();
      SensitivityScan.Builder scan =
          SensitivityScan.builder()
              .sparsities(sparsities.stream().mapToDouble(Double::doubleValue).toArray());
      OutputFolder folder =
          model.output(output, SensitivityJob.TABLE, SensitivityJob.CHART, SensitivityJob.RECIPE);
      Workbench.showNotes(file, out);
      Workbench bench =
          Workbench.open(file, data, parts, training, output.resolve(OutputFolder.CACHE), out);
      if (inRuntime) {
        scan.latencyBy(
            new RuntimeLatency(
                ExportOptions.defaults().withInputTypes(bench.data().form().input())));
      }
      scan.scoreCalculator(bench.data().validation(bench.metric())).build(); // refuses bad choices
      Path checkpoint = state(folder, bench);
      Model network =
          new DenseTraining(training.denseEpochs(), training.learningRate(), training.seed())
              .run(training.trainable(file), bench.scored(), checkpoint, out);
      new SensitivityJob(
              String.valueOf(model.file().getFileName()),
              bench.scored(),
              scan,
              maxScoreDrop,
              new FineTuneArguments().epochs(bench.batches()),
              folder,
              out)
          .run(network);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  /** Returns where the training is saved, after the state of an earlier run is gone. */
  private Path state(OutputFolder folder, Workbench bench) throws IOException {
    return DenseTraining.begin(folder, model.file(), bench.identity(model, data, parts, training));
  }
}
