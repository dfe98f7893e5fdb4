package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.pipeline.ExportFormat;
import io.github.dl4jpruning.pipeline.PruneSettings;
import io.github.dl4jpruning.pipeline.PruneSettings.Target;
import io.github.dl4jpruning.pipeline.Pruning;
import io.github.dl4jpruning.pipeline.PruningReport;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code prune}. */
@Command(
    name = "prune",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Makes a trained model small: measures it, prunes and fine-tunes it in rounds, takes out"
          + " units without weights, and writes a DL4J zip, a compact file, a runtime file, and a"
          + " page that shows what was won and lost.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  prune iris.zip --data iris.csv --final-sparsity 0.8",
      "  prune model.h5 --data photos --max-score-drop 0.01",
      "  prune model.h5 --data photos --no-training --final-sparsity 0.8",
      "  prune cnn.zip --data photos --target-macs 0.3 --final-sparsity 0.9 --to runtime,onnx,c"
    })
public final class PruneCommand implements Callable<Integer> {

  private static final double USUAL_SPARSITY = 0.9;
  private static final int USUAL_CALIBRATION = 512;

  /** What a run without training cannot use. */
  private static final List<String> OF_TRAINING =
      List.of(
          "--recipe",
          "--max-score-drop",
          "--rounds",
          "--target-macs",
          "--target-parameters",
          "--target-latency",
          "--distill",
          "--dense-epochs",
          "--fine-tune-epochs",
          "--ramp-epochs",
          "--optimizer",
          "--learning-rate");

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Needed data;
  @Mixin private SplitArguments parts;

  @Option(
      names = "--final-sparsity",
      paramLabel = "S",
      description = {
        "The fraction of the weights that is removed at the end, in (0, 1); 0 for none. Default:"
            + " 0.9; with --max-score-drop alone as much as the score allows; with a target for"
            + " units alone none."
      })
  private @Nullable Double finalSparsity;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      description = "How much worse than the dense model the score may be. Default: no limit.")
  private @Nullable Double maxScoreDrop;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds of pruning and fine-tuning.")
  private int rounds;

  @Option(
      names = "--target-macs",
      paramLabel = "F",
      description = "First remove whole units, down to this fraction of the multiplications.")
  private @Nullable Double targetMacs;

  @Option(
      names = "--target-parameters",
      paramLabel = "F",
      description = "First remove whole units, down to this fraction of the parameters.")
  private @Nullable Double targetParameters;

  @Option(
      names = "--target-latency",
      paramLabel = "F",
      description =
          "First remove whole units, down to this fraction of the time in DL4J. Measured times"
              + " differ from run to run.")
  private @Nullable Double targetLatency;

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "global",
      description = "How sparsity is divided among the layers: ${COMPLETION-CANDIDATES}.")
  private Distribution distribution;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = {
        "Prune along a recipe (YAML or JSON) in one training of --fine-tune-epochs, in place of"
            + " rounds. Its schedule counts from the beginning of pruning."
      })
  private @Nullable Path recipe;

  @Option(
      names = "--distill",
      paramLabel = "W",
      defaultValue = "0",
      description = "Weight of the dense model's outputs in the labels of the rounds, in [0, 1].")
  private double distill;

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description = "Another model that teaches, with --distill.")
  private @Nullable Path teacher;

  @Option(
      names = "--no-training",
      description = {
        "Prune at once, without training: the weights that stay are corrected, layer by layer, from"
            + " the inputs of some training samples. Takes seconds to minutes; labels are not used."
      })
  private boolean noTraining;

  @Option(
      names = "--calibration",
      paramLabel = "N",
      description = "With --no-training: how many training samples are used. Default: 512.")
  private @Nullable Integer calibration;

  @Mixin private TrainingArguments training;
  @Mixin private FineTuneArguments fineTuning;

  @Option(
      names = "--ramp-epochs",
      paramLabel = "N",
      description =
          "Epochs over which a round prunes; 0 prunes in one step. Default: a third of"
              + " --fine-tune-epochs.")
  private @Nullable Integer rampEpochs;

  @Option(
      names = "--no-scan",
      description = "Do not measure how much sparsity each layer tolerates.")
  private boolean noScan;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = "runtime",
      description = "What to export: ${COMPLETION-CANDIDATES}.")
  private List<ExportFormat> formats;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/prune",
      description = "Folder for the models, the report, and the state of the steps.")
  private Path output;

  @Option(
      names = "--resume",
      description =
          "Go on with the run in the folder of --output, if there is one. A killed run that is"
              + " resumed ends with the same model.")
  private boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    check();
    training.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      ModelFile file = model.load();
      Optional<PruningConfig> config =
          recipe == null ? Optional.empty() : Optional.of(RecipeFile.read(recipe));
      OutputFolder folder = model.output(output, Pruning.files().toArray(String[]::new));
      Workbench.showNotes(file, out);
      Workbench bench =
          Workbench.open(file, data, parts, training, output.resolve(OutputFolder.CACHE), out);
      Optional<Model> teaching =
          teacher == null ? Optional.empty() : Optional.of(bench.teacher(teacher, data));
      PruneSettings settings = settings(bench, config, teaching);
      if (config.isPresent()) {
        int epochs = settings.training().epochs();
        RecipeFile.checkReached(
            Objects.requireNonNull(recipe),
            config.get(),
            epochs * bench.batches(),
            bench.batches());
      }
      Pruning pruning = new Pruning(settings, bench.data(), folder, identity(bench, config), out);
      PruningReport report = pruning.run(training.trainable(file), model.file(), command(), resume);
      out.println(report);
      report.files().forEach((what, path) -> out.println(String.format("%-16s %s", what, path)));
      out.flush();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  private void check() {
    training.check();
    fineTuning.check();
    require(
        rampEpochs == null || rampEpochs >= 0, "--ramp-epochs", "must be 0 or more", rampEpochs);
    require(rounds >= 1, "--rounds", "must be 1 or more", rounds);
    require(
        finalSparsity == null || (finalSparsity >= 0 && finalSparsity < 1),
        "--final-sparsity",
        "must be in [0, 1)",
        finalSparsity);
    require(
        maxScoreDrop == null || maxScoreDrop >= 0,
        "--max-score-drop",
        "must be 0 or more",
        maxScoreDrop);
    require(distill >= 0 && distill <= 1, "--distill", "must be in [0, 1]", distill);
    require(teacher == null || distill > 0, "--teacher", "needs --distill above 0", teacher);
    require(
        recipe == null || finalSparsity == null, "--recipe", "excludes --final-sparsity", recipe);
    require(recipe == null || distill == 0, "--recipe", "excludes --distill", recipe);
    require(
        recipe == null || maxScoreDrop == null || target().isPresent(),
        "--recipe",
        "excludes --max-score-drop",
        recipe);
    checkAtOnce();
    long targets =
        Stream.of(targetMacs, targetParameters, targetLatency).filter(Objects::nonNull).count();
    require(targets <= 1, "--target-macs", "excludes other targets for units", targets);
  }

  private void checkAtOnce() {
    require(
        calibration == null || (noTraining && calibration >= 1),
        "--calibration",
        "must be 1 or more, with --no-training",
        calibration);
    if (noTraining) {
      for (String option : OF_TRAINING) {
        if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
          throw new ParameterException(spec.commandLine(), "--no-training excludes " + option);
        }
      }
      require(
          finalSparsity == null || finalSparsity > 0,
          "--final-sparsity",
          "must be above 0 with --no-training",
          finalSparsity);
    }
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  private PruneSettings settings(
      Workbench bench, Optional<PruningConfig> config, Optional<Model> teaching) {
    int epochs = fineTuning.epochs(bench.batches());
    Optional<Target> units = target();
    boolean unitsAlone = units.isPresent() && finalSparsity == null && config.isEmpty();
    OptionalDouble goal =
        finalSparsity != null
            ? OptionalDouble.of(finalSparsity)
            : maxScoreDrop != null ? OptionalDouble.empty() : OptionalDouble.of(USUAL_SPARSITY);
    return new PruneSettings(
        units,
        new PruneSettings.Sparsity(
            goal,
            unitsAlone || (goal.isPresent() && goal.getAsDouble() == 0),
            rounds,
            distribution.distribution(),
            config.map(RecipeFile::fromAttachment),
            noTraining
                ? OptionalInt.of(calibration == null ? USUAL_CALIBRATION : calibration)
                : OptionalInt.empty()),
        new PruneSettings.Training(
            training.denseEpochs(),
            rampEpochs == null ? epochs / 3 : rampEpochs,
            epochs,
            training.learningRate(),
            distill,
            teaching,
            training.batchSize(),
            training.seed()),
        bench.metric(),
        maxScoreDrop == null ? Double.POSITIVE_INFINITY : maxScoreDrop,
        !noScan,
        formats);
  }

  private Optional<Target> target() {
    if (targetMacs != null) {
      return Optional.of(new Target(Cost.MACS, targetMacs));
    } else if (targetParameters != null) {
      return Optional.of(new Target(Cost.PARAMETERS, targetParameters));
    }
    return Optional.ofNullable(targetLatency).map(fraction -> new Target(Cost.LATENCY, fraction));
  }

  /** Returns everything that decides the outcome; the rest is in the state of each step. */
  private String identity(Workbench bench, Optional<PruningConfig> config) {
    return String.join(
        "; ",
        bench.identity(model, data, parts, training),
        fineTuning.identity(),
        String.format(
            Locale.ROOT,
            "ramp %s, final sparsity %s, drop %s, rounds %d, units %s, distribution %s, distill %s,"
                + " teacher %s, scan %s, at once %s",
            rampEpochs,
            finalSparsity,
            maxScoreDrop,
            rounds,
            target(),
            distribution,
            distill,
            teacher,
            !noScan,
            noTraining ? calibration : "no"),
        config.map(given -> given.toJson().replaceAll("\\s+", "")).orElse("no recipe"));
  }

  /** Returns the command as it was typed. */
  private String command() {
    return "dl4j-pruning "
        + spec.commandLine().getParseResult().originalArgs().stream()
            .map(
                word ->
                    word.matches("[\\w./,=:+-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
  }
}
