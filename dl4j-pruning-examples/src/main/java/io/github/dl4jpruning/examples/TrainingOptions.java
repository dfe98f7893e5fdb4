package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.DigitBatches;
import io.github.dl4jpruning.examples.data.MnistData;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What to train, on what, and for how long: the options that all MNIST jobs share. */
final class TrainingOptions {

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
      names = "--final-learning-rate",
      paramLabel = "R",
      description =
          "Learning rate at the end: it falls by the same factor on each iteration. Default:"
              + " --learning-rate, which then stays as it is.")
  private Double finalLearningRate;

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

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  MnistNetwork network() {
    return network.network;
  }

  int epochs() {
    return epochs;
  }

  int fineTuneEpochs() {
    return fineTuneEpochs;
  }

  int batchSize() {
    return batchSize;
  }

  /** Adam, with the learning rate that was asked for over the iterations of all epochs. */
  IUpdater updater(MnistData digits) {
    if (finalLearningRate == null) {
      return new Adam(learningRate);
    }
    double factor = Math.pow(finalLearningRate / learningRate, 1.0 / iterations(digits));
    return new Adam(new ExponentialSchedule(ScheduleType.ITERATION, learningRate, factor));
  }

  /** The digits; all numbers are checked before they are read. */
  MnistData digits() throws IOException {
    checkNumbers();
    if (data == null) {
      return MnistData.shipped();
    }
    if (data.equals(MnistData.DOWNLOAD)) {
      return MnistData.download();
    }
    require(!data.isBlank(), "--data", "must name a folder", "blank");
    return MnistData.from(Path.of(data));
  }

  private void checkNumbers() {
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
        finalLearningRate == null || (finalLearningRate > 0 && finalLearningRate <= learningRate),
        "--final-learning-rate",
        "must be above 0 and not above --learning-rate",
        finalLearningRate);
  }

  /** Iterations of all epochs. */
  int iterations(MnistData digits) {
    int perEpoch = DigitBatches.count(digits.train(), batchSize);
    long iterations = ((long) epochs + fineTuneEpochs) * perEpoch;
    require(
        iterations < Integer.MAX_VALUE,
        "--epochs",
        "must not make more than " + Integer.MAX_VALUE + " iterations",
        iterations);
    return (int) iterations;
  }

  void limitThreads() {
    if (threads == null && network == Network.LENET_5) {
      return;
    }
    int most = threads == null ? 1 : threads;
    Nd4j.getEnvironment().setMaxThreads(most);
    Nd4j.getEnvironment().setMaxMasterThreads(most);
    Nd4j.factory().blas().setMaxThreads(most);
  }

  Map<String, Number> settings() {
    Map<String, Number> settings = new LinkedHashMap<>();
    settings.put("epochs", epochs);
    settings.put("fineTuneEpochs", fineTuneEpochs);
    settings.put("batchSize", batchSize);
    settings.put("learningRate", learningRate);
    if (finalLearningRate != null) {
      settings.put("finalLearningRate", finalLearningRate);
    }
    settings.put("threads", Nd4j.getEnvironment().maxMasterThreads());
    return settings;
  }

  private void require(boolean holds, String option, String rule, Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  static String optionName(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
