package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.examples.data.DigitBatches;
import io.github.dl4jpruning.examples.data.MnistData;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.train.Checkpoints;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.nd4j.linalg.schedule.ISchedule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code mnist} job; the job itself is {@link MnistJob}. */
@Command(
    name = "mnist",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network on handwritten digits twice from the same weights: once as it is (dense),"
          + " and once pruned along a sparsity schedule and then fine-tuned. Shows both side by"
          + " side.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  mnist --final-sparsity 0.95 --fine-tune-epochs 10",
      "  mnist --network lenet-5 --distribution uniform --update-every 20",
      "  mnist --schedule one-shot --begin 500i --data path/to/fashion-mnist",
      "  mnist --checkpoint runs/saved --resume",
      "  mnist --recipe dl4j-pruning-examples/recipes/compare/lamp.yaml"
    })
final class MnistCommand implements Callable<Integer> {

  /** The shapes that a schedule can have. */
  enum ScheduleShape {
    POLYNOMIAL,
    LINEAR,
    EXPONENTIAL,
    COSINE,
    ONE_CYCLE,
    ONE_SHOT,
    CONSTANT;

    @Override
    public String toString() {
      return NetworkOptions.optionName(this);
    }
  }

  /** How the sparsity is shared out. */
  enum Distribution {
    GLOBAL,
    UNIFORM,
    ERDOS_RENYI_KERNEL,
    LAMP;

    SparsityDistribution distribution() {
      return switch (this) {
        case GLOBAL -> SparsityDistribution.global();
        case UNIFORM -> SparsityDistribution.uniform();
        case ERDOS_RENYI_KERNEL -> SparsityDistribution.erdosRenyiKernel();
        case LAMP -> SparsityDistribution.lamp();
      };
    }

    @Override
    public String toString() {
      return NetworkOptions.optionName(this);
    }
  }

  private static final String VALUES = "One of: ${COMPLETION-CANDIDATES}.";

  @Mixin private TrainingOptions training;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description =
          "A recipe, YAML or JSON, that says all about pruning, in place of the options from"
              + " --final-sparsity to --distribution.")
  private Path recipe;

  @Option(
      names = "--final-sparsity",
      paramLabel = "S",
      defaultValue = "0.9",
      description = "Fraction of the weights that is removed in the end, in [0, 1).")
  private double finalSparsity;

  @Option(
      names = "--schedule",
      paramLabel = "SHAPE",
      defaultValue = "polynomial",
      description = "How sparsity rises from --begin to --end. " + VALUES)
  private ScheduleShape schedule;

  @Option(
      names = "--begin",
      paramLabel = "WHEN",
      description =
          "When pruning begins, in epochs (2, 1.5e) or iterations (300i). Default: after 2 epochs,"
              + " or half way to the end if that is earlier.")
  private PointInTraining begin;

  @Option(
      names = "--end",
      paramLabel = "WHEN",
      description =
          "When the final sparsity is reached, in epochs or iterations. Default: the end of"
              + " --epochs.")
  private PointInTraining end;

  @Option(
      names = "--update-every",
      paramLabel = "N",
      defaultValue = "50",
      description = "Iterations between mask updates, at least 1.")
  private int updateEvery;

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "global",
      description = "How the sparsity is shared out between layers. " + VALUES)
  private Distribution distribution;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides the first weights and the order of the images.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/mnist",
      description = "Folder for the models, the report and the chart.")
  private Path output;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description =
          "Folder to save both trainings to after each epoch, so that they can go on with --resume."
              + " Default: nothing is saved before the end.")
  private Path checkpoint;

  @Option(
      names = "--resume",
      description =
          "Go on from what is in the folder of --checkpoint; from the start if nothing is. A job"
              + " that was killed and started again like this ends with the same models.")
  private boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    checkNumbers();
    // Whatever can be refused is refused before the first epoch.
    MnistData digits = training.digits();
    PruningListener pruning = listener(digits);
    OutputFolder folder =
        OutputFolder.open(
            output, MnistJob.DENSE_MODEL, MnistJob.PRUNED_MODEL, MnistJob.REPORT, MnistJob.CHART);
    training.limitThreads();
    Map<String, Number> settings = training.settings();
    settings.put("seed", seed);
    new MnistJob(
            training.network(),
            digits,
            pruning,
            training.epochs(),
            training.fineTuneEpochs(),
            training.batchSize(),
            training.updater(digits),
            seed,
            settings,
            folder,
            checkpoint == null
                ? null
                : Checkpoints.open(checkpoint, identity(digits, pruning, settings), resume),
            spec.commandLine().getOut())
        .run();
    return 0;
  }

  /** Everything that decides the outcome; the folder of the results does not. */
  private String identity(MnistData digits, PruningListener pruning, Map<String, Number> settings) {
    StringBuilder text = new StringBuilder();
    text.append("network: ").append(training.network().title()).append('\n');
    text.append("data: ").append(digits.origin()).append('\n');
    text.append("images: ").append(digits.train().size()).append('\n');
    settings.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    return text.append(pruning.config().toYaml()).toString();
  }

  private void checkNumbers() {
    require(
        checkpoint != null || !resume,
        "--resume",
        "needs --checkpoint, the folder to go on from",
        "given alone");
    for (String option :
        List.of(
            "--final-sparsity",
            "--schedule",
            "--begin",
            "--end",
            "--update-every",
            "--distribution")) {
      require(
          recipe == null || !spec.commandLine().getParseResult().hasMatchedOption(option),
          option,
          "has no meaning beside --recipe, which says it already",
          "given");
    }
    require(
        Sparsity.isOne(finalSparsity),
        "--final-sparsity",
        "must be in [0, 1), the fraction of weights removed",
        finalSparsity);
    require(updateEvery >= 1, "--update-every", "must be 1 or more", updateEvery);
    require(
        begin == null || schedule != ScheduleShape.CONSTANT,
        "--begin",
        "has no meaning for --schedule constant",
        begin);
    require(
        end == null || (schedule != ScheduleShape.CONSTANT && schedule != ScheduleShape.ONE_SHOT),
        "--end",
        "has no meaning for --schedule " + schedule,
        end);
  }

  private void require(boolean holds, String option, String rule, Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  private PruningListener listener(MnistData digits) throws IOException {
    int iterations = training.iterations(digits);
    int iterationsPerEpoch = DigitBatches.count(digits.train(), training.batchSize());
    if (recipe != null) {
      PruningConfig config = RecipeFile.read(recipe);
      RecipeFile.checkReached(recipe, config, iterations, iterationsPerEpoch);
      return PruningListener.of(config);
    }
    int rising = training.epochs() * iterationsPerEpoch;
    int to = end == null ? rising : end.iteration(iterationsPerEpoch);
    int from =
        begin == null
            ? Math.min(2 * iterationsPerEpoch, Math.min(rising, to) / 2)
            : begin.iteration(iterationsPerEpoch);
    if (schedule == ScheduleShape.ONE_SHOT) {
      to = from;
    }
    require(from <= to, "--begin", "must not be after --end", from + " (--end is " + to + ")");
    require(
        schedule == ScheduleShape.CONSTANT || to <= iterations,
        schedule == ScheduleShape.ONE_SHOT ? "--begin" : "--end",
        "must be within the " + iterations + " iterations of training",
        to);
    // The end of training, said as such, is its last iteration.
    int last = iterations - 1;
    return PruningListener.builder()
        .schedule(sparsitySchedule(Math.min(from, last), Math.min(to, last)))
        .updateEvery(updateEvery)
        .distribution(distribution.distribution())
        .build();
  }

  private ISchedule sparsitySchedule(int from, int to) {
    return switch (schedule) {
      case POLYNOMIAL -> SparsitySchedules.polynomial(0.0, finalSparsity, from, to);
      case LINEAR -> SparsitySchedules.linear(0.0, finalSparsity, from, to);
      case EXPONENTIAL -> SparsitySchedules.exponential(0.0, finalSparsity, from, to);
      case COSINE -> SparsitySchedules.cosine(0.0, finalSparsity, from, to);
      case ONE_CYCLE -> SparsitySchedules.oneCycle(0.0, finalSparsity, from, to);
      case ONE_SHOT -> SparsitySchedules.oneShot(finalSparsity, from);
      case CONSTANT -> SparsitySchedules.constant(finalSparsity);
    };
  }
}
