package io.github.dl4jpruning.examples;

import java.util.Map;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** For how long to train, for the jobs that train along one schedule. */
final class LengthOptions {

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
              + " --learning-rate, which then stays as it is, or in cifar10 a thirtieth of it.")
  private Double finalLearningRate;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The last rate over the first where none is given. */
  private double fallsTo = 1.0;

  void fallUnlessToldOtherwise(double part) {
    fallsTo = part;
  }

  /** Epochs during which sparsity rises. */
  int epochs() {
    return epochs;
  }

  /** Those, and the ones after them. */
  int allEpochs() {
    return epochs + fineTuneEpochs;
  }

  void checkNumbers(OptimizerOptions optimizer) {
    require(epochs >= 1, "--epochs", "must be 1 or more", epochs);
    require(fineTuneEpochs >= 0, "--fine-tune-epochs", "must be 0 or more", fineTuneEpochs);
    double first = optimizer.learningRate();
    require(
        finalLearningRate == null || (finalLearningRate > 0 && finalLearningRate <= first),
        "--final-learning-rate",
        "must be above 0 and not above --learning-rate",
        finalLearningRate);
  }

  /**
   * Iterations of all epochs.
   *
   * @param perEpoch batches in an epoch
   */
  int iterations(int perEpoch) {
    long iterations = ((long) epochs + fineTuneEpochs) * perEpoch;
    require(
        iterations < Integer.MAX_VALUE,
        "--epochs",
        "must not make more than " + Integer.MAX_VALUE + " iterations",
        iterations);
    return (int) iterations;
  }

  /** Adam, with the learning rate that was asked for over the iterations of all epochs. */
  IUpdater updater(OptimizerOptions optimizer, int perEpoch) {
    double first = optimizer.learningRate();
    double last = finalLearningRate == null ? fallsTo * first : finalLearningRate;
    if (last == first) {
      return new Adam(first);
    }
    double factor = Math.pow(last / first, 1.0 / iterations(perEpoch));
    return new Adam(new ExponentialSchedule(ScheduleType.ITERATION, first, factor));
  }

  void putInto(Map<String, Object> settings) {
    settings.put("epochs", epochs);
    settings.put("fineTuneEpochs", fineTuneEpochs);
    if (finalLearningRate != null) {
      settings.put("finalLearningRate", finalLearningRate);
    }
  }

  private void require(boolean holds, String option, String rule, Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
