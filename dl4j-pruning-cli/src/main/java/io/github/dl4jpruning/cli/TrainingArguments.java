package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.models.FileKind;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.models.TrainingSetup;
import java.util.Locale;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.Adam;
import picocli.CommandLine.Option;

/** The options that say how networks are trained. */
final class TrainingArguments extends BatchArguments {

  private static final double USUAL_RATE = 0.001;

  /** What moves the weights. */
  enum Optimizer {
    KEEP,
    ADAM
  }

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "0",
      description = "Epochs of training before anything is removed, for a model without training.")
  private int denseEpochs;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "keep: the model's own; adam. Default: adam for Keras models, keep for others.")
  private @Nullable Optimizer optimizer;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "Learning rate. Default: the model's own; 0.001 for adam.")
  private @Nullable Double learningRate;

  @Override
  void check() {
    super.check();
    require(denseEpochs >= 0, "--dense-epochs", "must be 0 or more", denseEpochs);
    require(
        learningRate == null || (learningRate > 0 && Double.isFinite(learningRate)),
        "--learning-rate",
        "must be a finite number above 0",
        learningRate);
  }

  @Override
  int denseEpochs() {
    return denseEpochs;
  }

  /** Returns whether something says how weights are moved. */
  boolean isTuned() {
    return optimizer != null || learningRate != null;
  }

  OptionalDouble learningRate() {
    return learningRate == null ? OptionalDouble.empty() : OptionalDouble.of(learningRate);
  }

  /** Returns a model's network with the optimiser that was asked for. */
  Model trainable(ModelFile model) {
    Model network = TrainingSetup.withOneHotLabels(model.network());
    boolean keras = model.kind() == FileKind.KERAS;
    boolean adam = optimizer == null ? keras : optimizer == Optimizer.ADAM;
    return adam
        ? TrainingSetup.withUpdater(network, new Adam(learningRate().orElse(USUAL_RATE)))
        : network;
  }

  @Override
  String identity() {
    return String.format(
        Locale.ROOT,
        "dense epochs %d, optimizer %s, rate %s, %s",
        denseEpochs,
        optimizer,
        learningRate,
        super.identity());
  }
}
