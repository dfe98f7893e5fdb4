package io.github.dl4jpruning.iterative;

import java.util.Locale;
import java.util.Optional;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * How a network is trained again after a pruning step of an {@link IterativePruner}.
 *
 * <p>Source: A. Renda, J. Frankle, M. Carbin, "Comparing Rewinding and Fine-tuning in Neural
 * Network Pruning", 2020 (arXiv 2003.02389).
 */
public sealed interface Retraining {

  /**
   * Continues training with the network's own learning rate or learning-rate schedule.
   *
   * @return fine-tuning
   */
  static Retraining fineTuning() {
    return new FineTuning(Optional.empty(), "the network's own rate");
  }

  /**
   * Continues training with a constant learning rate.
   *
   * @param rate the rate, above 0
   * @return fine-tuning
   * @throws IllegalArgumentException if the rate is not a finite number above 0
   */
  static Retraining fineTuning(double rate) {
    if (!(rate > 0.0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "the learning rate must be a finite number above 0, but is " + rate);
    }
    return new FineTuning(Optional.of(epoch -> rate), String.format(Locale.ROOT, "rate %s", rate));
  }

  /**
   * Continues training with a learning rate that is set before each epoch of a round.
   *
   * @param rates gives the rate; its arguments are the number of the epoch within the round, from 0
   *     (both as iteration and as epoch)
   * @return fine-tuning
   */
  static Retraining fineTuning(ISchedule rates) {
    if (rates == null) {
      throw new IllegalArgumentException("rates must be set, but is null");
    }
    return new FineTuning(
        Optional.of(epoch -> rates.valueAt(epoch, epoch)),
        "a schedule of rates, " + rates.getClass().getName());
  }

  /**
   * Resets DL4J's counts before each round, so that the network's own learning-rate schedule runs
   * again from there. Training continues from the current weights.
   *
   * @param epoch the epoch to go back to, 0 or more
   * @return learning-rate rewinding
   * @throws IllegalArgumentException if the epoch is negative
   */
  static Retraining learningRateRewinding(int epoch) {
    return new LearningRateRewinding(epoch);
  }

  /**
   * Resets the kept weights and everything else (biases, statistics, updater state, counts) to
   * their values early in training: a lottery ticket. The trained weights decide the masks.
   * Requires {@link IterativePruner.Builder#denseEpochs}, so that the early weights are known.
   *
   * <p>Source: J. Frankle, M. Carbin, "The Lottery Ticket Hypothesis", 2019 (arXiv 1803.03635).
   *
   * @param epoch the epoch to go back to: 0 for the initialisation
   * @return weight rewinding
   * @throws IllegalArgumentException if the epoch is negative
   */
  static Retraining weightRewinding(int epoch) {
    return new WeightRewinding(epoch);
  }

  /** Gives the learning rate of an epoch. */
  @FunctionalInterface
  interface Rates {
    /**
     * Returns the rate of an epoch.
     *
     * @param epoch the epoch within the round, from 0
     * @return the learning rate
     */
    double at(int epoch);
  }

  /**
   * See {@link #fineTuning()}.
   *
   * @param rates the learning rate; empty for the network's own
   * @param description the rate as text
   */
  record FineTuning(Optional<Rates> rates, String description) implements Retraining {
    @Override
    public String toString() {
      return "fine-tuning, " + description;
    }
  }

  /**
   * See {@link #learningRateRewinding}.
   *
   * @param epoch the epoch to go back to
   */
  record LearningRateRewinding(int epoch) implements Retraining {
    /**
     * Checks the epoch.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public LearningRateRewinding {
      checkEpoch(epoch);
    }

    @Override
    public String toString() {
      return "learning-rate rewinding to epoch " + epoch;
    }
  }

  /**
   * See {@link #weightRewinding}.
   *
   * @param epoch the epoch to go back to
   */
  record WeightRewinding(int epoch) implements Retraining {
    /**
     * Checks the epoch.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public WeightRewinding {
      checkEpoch(epoch);
    }

    @Override
    public String toString() {
      return "weight rewinding to epoch " + epoch;
    }
  }

  private static void checkEpoch(int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("the epoch must be 0 or more, but is " + epoch);
    }
  }
}
