package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.examples.data.DigitBatches;
import io.github.dl4jpruning.examples.data.MnistData;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;
import picocli.CommandLine.Command;
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
      "  mnist --schedule one-shot --begin 500i --data path/to/fashion-mnist"
    })
final class MnistCommand implements Callable<Integer> {

  /** The shapes that a schedule can have. */
  enum ScheduleShape {
    POLYNOMIAL,
    LINEAR,
    ONE_SHOT,
    CONSTANT;

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  /** How the sparsity is shared out. */
  enum Distribution {
    GLOBAL,
    UNIFORM;

    SparsityDistribution distribution() {
      return switch (this) {
        case GLOBAL -> SparsityDistribution.global();
        case UNIFORM -> SparsityDistribution.uniform();
      };
    }

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  /** The networks, by the names that a person types. */
  enum Network {
    LENET_300_100(MnistNetwork.LENET_300_100),
    LENET_5(MnistNetwork.LENET_5);

    private final MnistNetwork network;

    Network(MnistNetwork network) {
      this.network = network;
    }

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  private static final String VALUES = "One of: ${COMPLETION-CANDIDATES}.";

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "lenet-300-100",
      description = VALUES)
  private Network network;

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
              + " or half way to the end if that is of --epochs if that is earlier.")
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
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Epochs during which sparsity rises, at least 1.")
  private int epochs;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Fine-tuning epochs after --epochs. The dense network trains for the same total.")
  private int fineTuneEpochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images per iteration.")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "0.001",
      description = "Learning rate of Adam.")
  private double learningRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides the first weights and the order of the images.")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads for ND4J's computations. Default: 1 for lenet-300-100, whose matrices are too"
              + " small to be shared, and as many as ND4J chooses for lenet-5.")
  private Integer threads;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with the four files of MNIST or of a set in its format (Fashion-MNIST), gzipped"
              + " or not; or 'download' to let DL4J fetch MNIST. Default: the 10,000 digits that"
              + " ship with the examples.")
  private String data;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/mnist",
      description = "Folder for the models, the report and the chart.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    checkNumbers();
    // Whatever can be refused is refused before the first epoch.
    MnistData digits = digits();
    PruningListener pruning = listener(DigitBatches.count(digits.train(), batchSize));
    OutputFolder folder =
        OutputFolder.open(
            output, MnistJob.DENSE_MODEL, MnistJob.PRUNED_MODEL, MnistJob.REPORT, MnistJob.CHART);
    limitThreads();
    new MnistJob(
            network.network,
            digits,
            pruning,
            epochs,
            fineTuneEpochs,
            batchSize,
            learningRate,
            seed,
            settings(),
            folder,
            spec.commandLine().getOut())
        .run();
    return 0;
  }

  private Map<String, Number> settings() {
    Map<String, Number> settings = new LinkedHashMap<>();
    settings.put("epochs", epochs);
    settings.put("fineTuneEpochs", fineTuneEpochs);
    settings.put("batchSize", batchSize);
    settings.put("learningRate", learningRate);
    settings.put("seed", seed);
    settings.put("threads", Nd4j.getEnvironment().maxMasterThreads());
    return settings;
  }

  private void checkNumbers() {
    require(
        Sparsity.isOne(finalSparsity),
        "--final-sparsity",
        "must be in [0, 1), the fraction of weights removed",
        finalSparsity);
    require(updateEvery >= 1, "--update-every", "must be 1 or more", updateEvery);
    require(epochs >= 1, "--epochs", "must be 1 or more", epochs);
    require(fineTuneEpochs >= 0, "--fine-tune-epochs", "must be 0 or more", fineTuneEpochs);
    require(batchSize >= 1, "--batch-size", "must be 1 or more", batchSize);
    require(threads == null || threads >= 1, "--threads", "must be 1 or more", threads);
    require(
        learningRate > 0 && Double.isFinite(learningRate),
        "--learning-rate",
        "must be a finite number above 0",
        learningRate);
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

  private void limitThreads() {
    if (threads == null && network == Network.LENET_5) {
      return;
    }
    int most = threads == null ? 1 : threads;
    Nd4j.getEnvironment().setMaxThreads(most);
    Nd4j.getEnvironment().setMaxMasterThreads(most);
    Nd4j.factory().blas().setMaxThreads(most);
  }

  private void require(boolean holds, String option, String rule, Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  private MnistData digits() throws IOException {
    if (data == null) {
      return MnistData.shipped();
    }
    if (data.equals(MnistData.DOWNLOAD)) {
      return MnistData.download();
    }
    require(!data.isBlank(), "--data", "must name a folder", "blank");
    return MnistData.from(Path.of(data));
  }

  private PruningListener listener(int iterationsPerEpoch) {
    long iterations = ((long) epochs + fineTuneEpochs) * iterationsPerEpoch;
    require(
        iterations < Integer.MAX_VALUE,
        "--epochs",
        "must not make more than " + Integer.MAX_VALUE + " iterations",
        iterations);
    int rising = epochs * iterationsPerEpoch;
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
    int last = (int) iterations - 1;
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
      case ONE_SHOT -> SparsitySchedules.oneShot(finalSparsity, from);
      case CONSTANT -> SparsitySchedules.constant(finalSparsity);
    };
  }

  private static String optionName(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
