package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.cli.Distribution;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SweepSpace;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.NoOp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code sweep} job; the job itself is {@link SweepJob}. */
@Command(
    name = "sweep",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Tries every combination of some settings, or a random sample of them, on the same network,"
          + " and shows which lose the least accuracy: a table, the Pareto front of accuracy"
          + " against remaining weights, and the best setting as a recipe. Options with a plural"
          + " name take several values, separated by commas.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  sweep --jobs 2",
      "  sweep --jobs 2 --halving",
      "  sweep --final-sparsities 0.95,0.98 --shapes polynomial,cosine,one-shot --ends 8,10",
      "  sweep --distributions lamp --learning-rates 0.0005,0.001,0.002 --random 6",
      "  sweep --recipe dl4j-pruning-examples/recipes/compare/magnitude-increase.yaml",
      "  mnist --recipe runs/sweep/best.yaml"
    })
final class SweepCommand implements Callable<Integer> {

  private static final String VALUES = "Any of: ${COMPLETION-CANDIDATES}.";

  @Mixin private MnistOptions basic;

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
      defaultValue = "2",
      description = "When pruning begins, in epochs (2, 1.5e) or iterations (300i).")
  private List<PointInTraining> begins;

  @Option(
      names = "--ends",
      paramLabel = "WHEN",
      split = ",",
      defaultValue = "10",
      description = "When the final sparsity is reached.")
  private List<PointInTraining> ends;

  @Option(
      names = "--update-every",
      paramLabel = "N",
      split = ",",
      defaultValue = "50",
      description = "Iterations between mask updates, each at least 1.")
  private List<Integer> updateIntervals;

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
              + " images. Without a number: 4.")
  private @Nullable Integer eta;

  @Option(
      names = "--first-rung",
      paramLabel = "N",
      description =
          "Epochs of a setting up to the first rung of --halving; each further rung is ETA times as"
              + " late. Default: the epochs after the dense ones, divided by ETA.")
  private @Nullable Integer firstRung;

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Epochs before pruning begins, trained once for all settings, at least 0 and at most the"
              + " earliest of --begins.")
  private int denseEpochs;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "15",
      description = "Epochs of each run in total, more than --dense-epochs.")
  private int epochs;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.005",
      description =
          "The best setting is the sparsest one that loses at most this much validation accuracy"
              + " against the dense network, as a fraction.")
  private double maxScoreDrop;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of runs in parallel.")
  private int jobs;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed for the initial weights, the order of the images, and the draws of --random.")
  private long seed;

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
    require(epochs > denseEpochs, "--epochs", "must be above --dense-epochs", epochs);
    require(denseEpochs >= 0, "--dense-epochs", "must be 0 or more", denseEpochs);
    require(maxScoreDrop >= 0.0, "--max-score-drop", "must be 0 or more", maxScoreDrop);
    require(jobs >= 1, "--jobs", "must be 1 or more", jobs);
    require(random == null || random >= 1, "--random", "must be 1 or more", random);
    checkHalving();
    ImageData digits = basic.digits();
    int perEpoch = ImageBatches.count(digits.train(), basic.batchSize());
    List<Setting> settings = settings(base(digits), perEpoch);
    OutputFolder folder =
        OutputFolder.open(output, SweepJob.TABLE, SweepJob.CHART, SweepJob.PAGE, SweepJob.RECIPE);
    basic.limitThreads();
    ScheduleSweep.Builder sweep =
        ScheduleSweep.builder()
            .settings(settings)
            .denseEpochs(denseEpochs)
            .epochs(epochs - denseEpochs)
            .threads(jobs)
            .scoreCalculator(() -> IterativeJob.accuracyOn(digits.validation()));
    if (eta != null) {
      sweep
          .halving(eta, firstRung == null ? Math.max(1, (epochs - denseEpochs) / eta) : firstRung)
          .halvingScore(() -> IterativeJob.lossOn(digits.validation()));
    }
    new SweepJob(
            basic,
            digits,
            sweep,
            settings.size(),
            new SweepJob.Length(denseEpochs, epochs - denseEpochs, perEpoch),
            maxScoreDrop,
            seed,
            folder,
            spec.commandLine().getOut())
        .run(resume);
    return 0;
  }

  private void checkHalving() {
    int most = epochs - denseEpochs - 1;
    require(firstRung == null || eta != null, "--first-rung", "needs --halving", firstRung);
    require(eta == null || eta >= 2, "--halving", "must be 2 or more", eta);
    require(
        eta == null || most >= 1,
        "--epochs",
        "must be 2 or more above --dense-epochs with --halving",
        epochs);
    require(
        firstRung == null || (firstRung >= 1 && firstRung <= most),
        "--first-rung",
        "must be 1 or more and at most " + most + ", before the last epoch",
        firstRung);
  }

  /** Returns the choices that all settings share; empty for the defaults. */
  private Optional<PruningConfig> base(ImageData digits) throws IOException {
    if (recipe == null) {
      return Optional.empty();
    }
    PruningConfig base = RecipeFile.read(recipe);
    RecipeFile.checkFits(recipe.toString(), base, basic.build(digits, 0, new NoOp()));
    return Optional.of(base);
  }

  private List<Setting> settings(Optional<PruningConfig> base, int perEpoch) {
    List<Integer> from = begins.stream().map(point -> point.iteration(perEpoch)).toList();
    List<Integer> to = ends.stream().map(point -> point.iteration(perEpoch)).toList();
    for (int begin : from) {
      require(
          begin >= denseEpochs * perEpoch,
          "--begins",
          "must not be before the end of --dense-epochs, iteration " + denseEpochs * perEpoch,
          begin);
      require(
          begin < epochs * perEpoch,
          "--begins",
          "must be within the " + epochs * perEpoch + " iterations of training",
          begin);
    }
    for (int end : to) {
      require(
          end < epochs * perEpoch,
          "--ends",
          "must be within the " + epochs * perEpoch + " iterations of training",
          end);
    }
    try {
      SweepSpace space =
          new SweepSpace(
              finalSparsities,
              shapes,
              from,
              to,
              updateIntervals,
              distributions.stream().map(Distribution::distribution).toList(),
              learningRates == null ? List.of(Double.NaN) : learningRates);
      if (base.isPresent()) {
        space = space.withBase(base.get().choices());
      }
      return random == null ? space.grid() : space.random(random, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
