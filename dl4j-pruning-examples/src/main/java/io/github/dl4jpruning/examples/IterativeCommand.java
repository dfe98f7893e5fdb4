package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.cli.Distribution;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.iterative.Retraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code iterative} job; the job itself is {@link IterativeJob}. */
@Command(
    name = "iterative",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network on handwritten digits, then prunes and fine-tunes it in rounds, as far as"
          + " its accuracy on validation images allows. A round that loses too much is retried and"
          + " then taken back.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  iterative --max-score-drop 0.01",
      "  iterative --as-sparse-as-possible 0.005 --fine-tune-epochs 10",
      "  iterative --rewind-weights 1 --targets 0.5,0.75,0.875",
      "  iterative --network lenet-5 --data path/to/mnist --resume"
    })
final class IterativeCommand implements Callable<Integer> {

  private static final int RAMP = 4;

  @Mixin private MnistOptions basic;

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Epochs before the first round, at least 1.")
  private int denseEpochs;

  @Option(
      names = "--targets",
      paramLabel = "S",
      split = ",",
      defaultValue = "0.8,0.9,0.96",
      description = "Sparsities of the rounds, in rising order, each in (0, 1).")
  private List<Double> targets;

  @Option(
      names = "--as-sparse-as-possible",
      paramLabel = "TOLERANCE",
      description =
          "Search for the highest acceptable sparsity, to within this tolerance, instead of using"
              + " --targets.")
  private @Nullable Double tolerance;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.005",
      description =
          "Maximum loss of validation accuracy against the dense network, as a fraction: 0.005 is"
              + " half a percentage point.")
  private double maxScoreDrop;

  @Option(
      names = "--ramp-epochs",
      paramLabel = "N",
      description =
          "Epochs over which a round prunes; 0 prunes in one step. Default: 4, or 0 with"
              + " --rewind-weights.")
  private @Nullable Integer rampEpochs;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      defaultValue = "6",
      description = "Epochs of fine-tuning in each round, at least 1; the best epoch is kept.")
  private int fineTuneEpochs;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "End a round after this many epochs without improvement. Default: never.")
  private @Nullable Integer patience;

  @Option(
      names = "--fine-tune-learning-rate",
      paramLabel = "R",
      description = "Learning rate of the rounds. Default: --learning-rate.")
  private @Nullable Double fineTuneLearningRate;

  @Option(
      names = "--rewind-weights",
      paramLabel = "EPOCH",
      description =
          "In each round, set the kept weights back to this epoch, and train again from there; 0 is"
              + " the initialisation.")
  private @Nullable Integer rewindWeights;

  @Option(
      names = "--distill",
      paramLabel = "W",
      defaultValue = "0.5",
      description =
          "Weight of distillation, in [0, 1]: the dense network's outputs are mixed into the labels"
              + " with this weight.")
  private double distill;

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "global",
      description = "How sparsity is divided among the layers. One of: ${COMPLETION-CANDIDATES}.")
  private Distribution distribution;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the initial weights and the order of the images.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/iterative",
      description = "Folder for the models, the report, the chart, and the rounds.")
  private Path output;

  @Option(
      names = "--resume",
      description =
          "Continue the run in the folder of --output, if there is one. A killed job that is"
              + " resumed ends with the same models.")
  private boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    require(denseEpochs >= 1, "--dense-epochs", "must be 1 or more", denseEpochs);
    require(
        fineTuneLearningRate == null || rewindWeights == null,
        "--fine-tune-learning-rate",
        "has no meaning with --rewind-weights, which trains at the initial rate again",
        fineTuneLearningRate);
    ImageData digits = basic.digits();
    IterativePruner.Builder pruner = IterativePruner.builder();
    try {
      choose(pruner);
      pruner.scoreCalculator(IterativeJob.accuracyOn(digits.validation())).build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    OutputFolder folder =
        OutputFolder.open(
            output,
            IterativeJob.DENSE_MODEL,
            IterativeJob.PRUNED_MODEL,
            IterativeJob.REPORT,
            IterativeJob.TABLE,
            IterativeJob.CHART);
    basic.limitThreads();
    new IterativeJob(basic, digits, pruner, seed, folder, spec.commandLine().getOut()).run(resume);
    return 0;
  }

  private void choose(IterativePruner.Builder pruner) {
    pruner
        .denseEpochs(denseEpochs)
        .rampEpochs(rampEpochs == null ? (rewindWeights == null ? RAMP : 0) : rampEpochs)
        .fineTuneEpochs(fineTuneEpochs)
        .maxScoreDrop(maxScoreDrop)
        .distribution(distribution());
    if (tolerance != null) {
      pruner.asSparseAsPossible(0.999, tolerance);
    } else {
      pruner.targets(targets.stream().mapToDouble(Double::doubleValue).toArray());
    }
    if (patience != null) {
      pruner.patience(patience);
    }
    if (fineTuneLearningRate != null) {
      pruner.retraining(Retraining.fineTuning(fineTuneLearningRate));
    }
    if (rewindWeights != null) {
      pruner.retraining(Retraining.weightRewinding(rewindWeights));
    }
    if (distill != 0.0) {
      pruner.distillation(distill, 1.0);
    }
  }

  private SparsityDistribution distribution() {
    return distribution.distribution();
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
