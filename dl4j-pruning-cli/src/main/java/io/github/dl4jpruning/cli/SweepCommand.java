package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.pipeline.SweepJob;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SweepSpace;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sweep}. */
@Command(
    name = "sweep",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Tries every combination of some settings, or a random sample of them, on the same model,"
          + " and shows which lose the least score: a table, the Pareto front of the score against"
          + " remaining weights, and the best setting as a recipe. Options with a plural name take"
          + " several values, separated by commas.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  sweep iris.zip --data iris.csv --jobs 2",
      "  sweep cnn.zip --data photos --jobs 2 --halving",
      "  sweep cnn.zip --data photos --final-sparsities 0.95,0.98 --shapes cosine,one-shot --ends"
          + " 4,6",
      "  sweep cnn.zip --data photos --distributions lamp --learning-rates 0.0005,0.001 --random 6",
      "  prune cnn.zip --data photos --recipe runs/sweep/best.yaml --fine-tune-epochs 10"
    })
public final class SweepCommand implements Callable<Integer> {

  private static final String VALUES = "Any of: ${COMPLETION-CANDIDATES}.";
  private static final int MOST_BETWEEN_UPDATES = 50;
  private static final int UPDATES_PER_EPOCH = 3;

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Needed data;
  @Mixin private SplitArguments parts;

  @Option(
      names = "--final-sparsities",
      paramLabel = "S",
      split = ",",
      defaultValue = "0.9,0.95,0.98",
      description = "Final sparsities of the schedules, each in (0, 1).")
  private List<Double> finalSparsities;

  @Option(
      names = "--shapes",
      paramLabel = "SHAPE",
      split = ",",
      defaultValue = "polynomial,one-cycle",
      description = "Shapes of the schedules. " + VALUES)
  private List<Shape> shapes;

  @Option(
      names = "--begins",
      paramLabel = "WHEN",
      split = ",",
      defaultValue = "0",
      description =
          "When pruning begins, in epochs (2, 1.5e) or iterations (300i) after --dense-epochs.")
  private List<PointInTraining> begins;

  @Option(
      names = "--ends",
      paramLabel = "WHEN",
      split = ",",
      description = {"When the final sparsity is reached. Default: halfway through --epochs."})
  private @Nullable List<PointInTraining> ends;

  @Option(
      names = "--update-every",
      paramLabel = "N",
      split = ",",
      description = {
        "Iterations between mask updates, each at least 1. Default: a third of an epoch, at most"
            + " 50."
      })
  private @Nullable List<Integer> updateIntervals;

  @Option(
      names = "--distributions",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "global,lamp",
      description = "How sparsity is divided among the layers. " + VALUES)
  private List<Distribution> distributions;

  @Option(
      names = "--learning-rates",
      paramLabel = "R",
      split = ",",
      description = "Learning rates after the dense epochs. Default: --learning-rate.")
  private @Nullable List<Double> learningRates;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description =
          "A recipe (YAML or JSON) with the criterion, pattern, rule and parameters of every"
              + " setting. Its schedule, updateEvery and distribution are ignored: the options"
              + " above set them.")
  private @Nullable Path recipe;

  @Option(
      names = "--random",
      paramLabel = "N",
      description = "Try only this many combinations, drawn at random.")
  private @Nullable Integer random;

  @Option(
      names = "--halving",
      paramLabel = "ETA",
      arity = "0..1",
      fallbackValue = "4",
      description =
          "Stop bad settings early (successive halving): at each rung, of n settings with the same"
              + " final sparsity only n/ETA continue, those with the lowest loss on the validation"
              + " samples. Without a number: 4.")
  private @Nullable Integer eta;

  @Option(
      names = "--first-rung",
      paramLabel = "N",
      description =
          "Epochs of a setting up to the first rung of --halving; each further rung is ETA times as"
              + " late. Default: --epochs divided by ETA.")
  private @Nullable Integer firstRung;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Epochs of each run after --dense-epochs, at least 1.")
  private int epochs;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.005",
      description =
          "The best setting is the sparsest one whose validation score is at most this much worse"
              + " than the dense model's.")
  private double maxScoreDrop;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of runs in parallel.")
  private int jobs;

  @Mixin private TrainingArguments training;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/sweep",
      description = "Folder for the table, the charts, the recipe, and the runs.")
  private Path output;

  @Option(
      names = "--resume",
      description = "Continue the sweep in the folder of --output, if there is one.")
  private boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    training.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      ModelFile file = model.load();
      Optional<PruningConfig> base =
          recipe == null ? Optional.empty() : Optional.of(RecipeFile.read(recipe));
      OutputFolder folder =
          model.output(output, SweepJob.TABLE, SweepJob.CHART, SweepJob.PAGE, SweepJob.RECIPE);
      Workbench.showNotes(file, out);
      Workbench bench =
          Workbench.open(file, data, parts, training, output.resolve(OutputFolder.CACHE), out);
      Model network = training.trainable(file);
      if (base.isPresent()) {
        RecipeFile.checkFits(String.valueOf(recipe), base.get(), NetworkMaker.copyOf(network));
      }
      List<Setting> settings = settings(base, bench.batches());
      training.learningRate().ifPresent(rate -> NetworkStore.setLearningRate(network, rate));
      new SweepJob(
              model.file(),
              bench.scored(),
              sweep(bench, settings),
              new SweepJob.Length(settings.size(), training.denseEpochs(), epochs, bench.batches()),
              maxScoreDrop,
              bench.identity(model, data, parts, training),
              training.seed(),
              training::limitThreads, // oneDNN's limit holds for each thread
              folder,
              out)
          .run(network, resume);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  private ScheduleSweep.Builder sweep(Workbench bench, List<Setting> settings) {
    ScheduleSweep.Builder sweep =
        ScheduleSweep.builder()
            .settings(settings)
            .denseEpochs(training.denseEpochs())
            .epochs(epochs)
            .threads(jobs)
            .scoreCalculator(() -> bench.data().validation(bench.metric()));
    if (eta != null) {
      sweep
          .halving(eta, firstRung == null ? Math.max(1, epochs / eta) : firstRung)
          .halvingScore(() -> bench.data().validationLoss());
    }
    return sweep;
  }

  private void check() {
    training.check();
    require(epochs >= 1, "--epochs", "must be 1 or more", epochs);
    require(maxScoreDrop >= 0.0, "--max-score-drop", "must be 0 or more", maxScoreDrop);
    require(jobs >= 1, "--jobs", "must be 1 or more", jobs);
    require(
        learningRates == null
            || learningRates.stream().allMatch(r -> r > 0 && r < Double.MAX_VALUE),
        "--learning-rates",
        "must be finite numbers above 0",
        learningRates);
    require(random == null || random >= 1, "--random", "must be 1 or more", random);
    require(firstRung == null || eta != null, "--first-rung", "needs --halving", firstRung);
    require(eta == null || eta >= 2, "--halving", "must be 2 or more", eta);
    require(eta == null || epochs >= 2, "--epochs", "must be 2 or more with --halving", epochs);
    require(
        firstRung == null || (firstRung >= 1 && firstRung < epochs),
        "--first-rung",
        "must be 1 or more and below --epochs",
        firstRung);
  }

  private List<Setting> settings(Optional<PruningConfig> base, int perEpoch) {
    List<Integer> from = iterations("--begins", begins, perEpoch);
    List<Integer> to =
        ends == null ? List.of(epochs * perEpoch / 2) : iterations("--ends", ends, perEpoch);
    List<Integer> every =
        updateIntervals == null
            ? List.of(Math.max(1, Math.min(MOST_BETWEEN_UPDATES, perEpoch / UPDATES_PER_EPOCH)))
            : updateIntervals;
    SweepSpace space =
        new SweepSpace(
            finalSparsities,
            shapes,
            from,
            to,
            every,
            distributions.stream().map(Distribution::distribution).toList(),
            learningRates == null ? List.of(Double.NaN) : learningRates);
    if (base.isPresent()) {
      space = space.withBase(base.get().choices());
    }
    List<Setting> settings = random == null ? space.grid() : space.random(random, training.seed());
    return settings.stream().map(SweepCommand::fromAttachment).toList();
  }

  private List<Integer> iterations(String option, List<PointInTraining> points, int perEpoch) {
    List<Integer> iterations = points.stream().map(point -> point.iteration(perEpoch)).toList();
    for (int iteration : iterations) {
      require(
          iteration < epochs * perEpoch,
          option,
          "must be within the " + epochs * perEpoch + " iterations of --epochs",
          iteration);
    }
    return iterations;
  }

  /** The model has been trained before, so its own count of iterations says nothing. */
  private static Setting fromAttachment(Setting setting) {
    UpdateTiming timing = setting.pruning().timing();
    return new Setting(
        new PruningConfig(
            new UpdateTiming(timing.schedule(), timing.updateEvery(), CountFrom.ATTACHMENT),
            setting.pruning().choices()),
        setting.learningRate());
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
