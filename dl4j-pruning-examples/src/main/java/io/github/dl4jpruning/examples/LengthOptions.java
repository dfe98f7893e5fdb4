package io.github.dl4jpruning.examples;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The length of training, for the jobs that train along one schedule. */
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
          "Learning rate at the end; the rate falls by the same factor at each iteration. Default:"
              + " --learning-rate, so that the rate is constant; for cifar10 a thirtieth of it.")
  private @Nullable Double finalLearningRate;

  @Option(
      names = "--decay-after",
      paramLabel = "N",
      description =
          "Epochs at --learning-rate before the rate begins to fall, by the same factor in each"
              + " epoch. With the value of --epochs it falls only during fine-tuning: while weights"
              + " are removed, the others need the full rate to make up for them.")
  private @Nullable Integer decayAfter;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The default ratio of the last rate to the first. */
  private double fallsTo = 1.0;

  void fallUnlessToldOtherwise(double part) {
    fallsTo = part;
  }

  /** Epochs during which sparsity rises. */
  int epochs() {
    return epochs;
  }

  /** All epochs, fine-tuning included. */
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
    if (decayAfter != null) {
      require(
          decayAfter >= 1 && decayAfter < allEpochs(),
          "--decay-after",
          "must be from 1 to " + (allEpochs() - 1) + ", so that an epoch is left",
          decayAfter);
      require(
          lastRate(first) < first,
          "--decay-after",
          "needs a --final-learning-rate below --learning-rate",
          decayAfter);
    }
  }

  private double lastRate(double first) {
    return finalLearningRate == null ? fallsTo * first : finalLearningRate;
  }

  /**
   * Returns the number of iterations in all epochs.
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

  /** Returns Adam with the requested learning rates over the iterations of all epochs. */
  IUpdater updater(OptimizerOptions optimizer, int perEpoch) {
    double first = optimizer.learningRate();
    double last = lastRate(first);
    if (last == first) {
      return new Adam(first);
    }
    if (decayAfter != null) {
      return new Adam(constantThenFalling(first, decayAfter, last, perEpoch));
    }
    double factor = Math.pow(last / first, 1.0 / iterations(perEpoch));
    return new Adam(new ExponentialSchedule(ScheduleType.ITERATION, first, factor));
  }

  /** Uses only ND4J's own schedules, so that saved networks can be read without this project. */
  private ISchedule constantThenFalling(double first, int constant, double last, int perEpoch) {
    MapSchedule.Builder rates = new MapSchedule.Builder(ScheduleType.ITERATION).add(0, first);
    int falling = allEpochs() - constant;
    for (int k = 1; k <= falling; k++) {
      rates.add(
          (constant + k - 1) * perEpoch, first * Math.pow(last / first, (double) k / falling));
    }
    return rates.build();
  }

  void putInto(Map<String, Object> settings) {
    settings.put("epochs", epochs);
    settings.put("fineTuneEpochs", fineTuneEpochs);
    if (finalLearningRate != null) {
      settings.put("finalLearningRate", finalLearningRate);
    }
    if (decayAfter != null) {
      settings.put("decayAfter", decayAfter);
    }
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
