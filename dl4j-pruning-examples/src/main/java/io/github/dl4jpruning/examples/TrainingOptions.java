package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.DigitBatches;
import io.github.dl4jpruning.examples.data.MnistData;
import java.util.Map;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import picocli.CommandLine.Option;

/** And for how long, for the jobs that train along one schedule. */
final class TrainingOptions extends NetworkOptions {

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
      names = "--final-learning-rate",
      paramLabel = "R",
      description =
          "Learning rate at the end: it falls by the same factor on each iteration. Default:"
              + " --learning-rate, which then stays as it is.")
  private Double finalLearningRate;

  int epochs() {
    return epochs;
  }

  int fineTuneEpochs() {
    return fineTuneEpochs;
  }

  /** Adam, with the learning rate that was asked for over the iterations of all epochs. */
  IUpdater updater(MnistData digits) {
    if (finalLearningRate == null) {
      return new Adam(learningRate());
    }
    double factor = Math.pow(finalLearningRate / learningRate(), 1.0 / iterations(digits));
    return new Adam(new ExponentialSchedule(ScheduleType.ITERATION, learningRate(), factor));
  }

  @Override
  void checkNumbers() {
    super.checkNumbers();
    require(epochs >= 1, "--epochs", "must be 1 or more", epochs);
    require(fineTuneEpochs >= 0, "--fine-tune-epochs", "must be 0 or more", fineTuneEpochs);
    require(
        finalLearningRate == null || (finalLearningRate > 0 && finalLearningRate <= learningRate()),
        "--final-learning-rate",
        "must be above 0 and not above --learning-rate",
        finalLearningRate);
  }

  /** Iterations of all epochs. */
  int iterations(MnistData digits) {
    int perEpoch = DigitBatches.count(digits.train(), batchSize());
    long iterations = ((long) epochs + fineTuneEpochs) * perEpoch;
    require(
        iterations < Integer.MAX_VALUE,
        "--epochs",
        "must not make more than " + Integer.MAX_VALUE + " iterations",
        iterations);
    return (int) iterations;
  }

  @Override
  Map<String, Number> settings() {
    Map<String, Number> settings = super.settings();
    settings.put("epochs", epochs);
    settings.put("fineTuneEpochs", fineTuneEpochs);
    if (finalLearningRate != null) {
      settings.put("finalLearningRate", finalLearningRate);
    }
    return settings;
  }
}
