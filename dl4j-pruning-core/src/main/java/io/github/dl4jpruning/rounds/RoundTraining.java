package io.github.dl4jpruning.rounds;

import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.watch.NetworkPruner;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;

/** Trains the networks of rounds, with or without a teacher, and measures the time. */
public final class RoundTraining {

  private final TrainingData data;
  private final Optional<Distillation> distillation;
  private final Supplier<Model> teacher;

  /** The training data; made on first use, since a teacher is a copy of the network. */
  private @Nullable TrainingData taught;

  private long trainedNanos;
  private int trainedEpochs;

  /**
   * Makes a training.
   *
   * @param data the batches
   * @param distillation the distillation; empty for none
   * @param teacher makes a copy of the dense network
   */
  public RoundTraining(
      TrainingData data, Optional<Distillation> distillation, Supplier<Model> teacher) {
    this.data = data;
    this.distillation = distillation;
    this.teacher = teacher;
  }

  /**
   * Trains a network for one epoch.
   *
   * @param network the network
   * @return the reason if the network has diverged; otherwise empty
   * @throws IllegalStateException if an update of masks failed for another reason
   */
  public Optional<String> fitEpoch(Model network) {
    if (taught == null) {
      taught =
          distillation
              .map(part -> data.taughtBy(teacher.get(), part.weight(), part.temperature()))
              .orElse(data);
    }
    long start = System.nanoTime();
    try {
      taught.fitEpoch(network);
    } catch (IllegalStateException e) {
      // A mask update refuses weights and gradients that are not finite.
      NetworkParameters diverged = NetworkParameters.of(network);
      boolean pruned = diverged.listeners().stream().anyMatch(NetworkPruner.class::isInstance);
      if (!pruned || !diverged.weightsAreSuspect()) {
        throw e;
      }
      return Optional.ofNullable(e.getMessage()).or(diverged::firstNotFinite);
    } finally {
      trainedNanos += System.nanoTime() - start;
      trainedEpochs++;
    }
    NetworkParameters parameters = NetworkParameters.of(network);
    return parameters.weightsAreSuspect() ? parameters.firstNotFinite() : Optional.empty();
  }

  /**
   * Estimates the time of further epochs from the time of the epochs so far.
   *
   * @param epochs the number of further epochs; negative counts as 0
   * @return an estimate; zero before the first epoch
   */
  public Duration estimate(long epochs) {
    return trainedEpochs == 0
        ? Duration.ZERO
        : Duration.ofNanos(trainedNanos / trainedEpochs * Math.max(0, epochs));
  }

  /**
   * Returns how often the data was reset, by this training and by others.
   *
   * @return a count
   */
  public int resets() {
    return data.resets() + (taught == null || taught == data ? 0 : taught.resets());
  }
}
