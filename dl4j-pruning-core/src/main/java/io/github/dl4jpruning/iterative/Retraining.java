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
   * Trains on with the learning rate, or the schedule of it, that the network has.
   *
   * @return fine-tuning
   */
  static Retraining fineTuning() {
    return new FineTuning(Optional.empty(), "the network's own rate");
  }

  /**
   * Trains on with a constant learning rate.
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
   * Trains on with a learning rate that is set anew before each epoch of a round.
   *
   * @param rates gives the rate; it is asked for the number of the epoch within the round, from 0
   *     (as iteration and as epoch)
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
   * Sets DL4J's counts back before each round, so that the network's own schedule of the learning
   * rate runs again from there, and trains on from the weights as they are.
   *
   * @param epoch the epoch to go back to, 0 or more
   * @return learning-rate rewinding
   * @throws IllegalArgumentException if the epoch is negative
   */
  static Retraining learningRateRewinding(int epoch) {
    return new LearningRateRewinding(epoch);
  }

  /**
   * Sets the weights that are left back to what they were early in training, and everything else
   * (biases, statistics, updater state, counts) with them: a lottery ticket. Masks are chosen by
   * the trained weights. Needs {@link IterativePruner.Builder#denseEpochs}, so that the early
   * weights are seen.
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
     * The rate.
     *
     * @param epoch the epoch within the round, from 0
     * @return the learning rate
     */
    double at(int epoch);
  }

  /**
   * See {@link #fineTuning()}.
   *
   * @param rates the learning rate; empty to leave it to the network
   * @param description in words
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
   * @param epoch where to go back to
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
   * @param epoch where to go back to
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
