package io.github.dl4jpruning.iterative;

import io.github.dl4jpruning.io.FolderLock;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.rounds.Retry;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.rounds.RoundSettings;
import io.github.dl4jpruning.rounds.RoundsBuilder;
import io.github.dl4jpruning.schedule.UpdateTiming;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Prunes and fine-tunes a network in rounds, as far as its score allows.
 *
 * <pre>{@code
 * IterativePruningResult result = IterativePruner.builder()
 *     .targets(0.5, 0.75, 0.9, 0.95)
 *     .fineTuneEpochs(3)
 *     .scoreCalculator(new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, validation))
 *     .maxScoreDrop(0.005)
 *     .build()
 *     .prune(network, train);
 * System.out.println(result);
 * }</pre>
 *
 * <p>A round starts from the last good network. It prunes at once or over a ramp of epochs,
 * retrains ({@link Retraining}), scores each epoch on validation data, and keeps the best epoch. A
 * round is accepted if its score is at most {@code maxScoreDrop} worse than that of the dense
 * network. Otherwise the round is tried again ({@link Retry}). If all retries fail, the network
 * gets back the bits of the last good one, and the result gives the reason.
 *
 * <p>Training data and validation data must not overlap. Final results should be reported on a
 * third set, which this class never sees.
 *
 * <p>Source: S. Han et al., "Learning both Weights and Connections for Efficient Neural Networks",
 * 2015 (arXiv 1506.02626).
 */
public final class IterativePruner {

  private final IterativeSettings settings;

  private IterativePruner(IterativeSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts a pruner. Targets, fine-tuning epochs and a score calculator must be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Prunes a network in place. Afterwards it is the last good network, with a listener attached
   * that keeps its removed weights at zero in further training.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}, trained,
   *     or to be trained first with {@link Builder#denseEpochs}
   * @param train training data; reset once before each epoch
   * @return the result
   * @throws IllegalArgumentException if the data cannot be reset or is empty, the score calculator
   *     cannot score the network, or a setting does not fit the network; the network is then
   *     unchanged
   * @throws IOException if a file of the {@linkplain Builder#directory directory} cannot be read or
   *     written
   */
  public IterativePruningResult prune(Model network, DataSetIterator train) throws IOException {
    return run(network, train);
  }

  /**
   * Prunes a network with several inputs or outputs, see {@link #prune(Model, DataSetIterator)}.
   *
   * @param network the network
   * @param train training data; reset once before each epoch
   * @return the result
   * @throws IOException if a file cannot be read or written
   */
  public IterativePruningResult prune(Model network, MultiDataSetIterator train)
      throws IOException {
    return run(network, train);
  }

  private IterativePruningResult run(Model network, Object train) throws IOException {
    try (FolderLock alone = FolderLock.of(settings.rounds().directory())) {
      return new IterativeRun(settings, network, train).run();
    }
  }

  /** Builds a pruner. Each method returns the builder. */
  public static final class Builder extends RoundsBuilder<Builder> {
    private @Nullable Function<List<Retry>, RoundPlan> plan;
    private int denseEpochs;
    private int rampEpochs;
    private Retraining retraining = Retraining.fineTuning();
    private int updateEvery = UpdateTiming.DEFAULT_INTERVAL;

    private Builder() {
      super(SparsityPattern.unstructured());
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Prunes to one sparsity after the other.
     *
     * @param sparsities rising, each in (0, 1)
     * @throws IllegalArgumentException if there are none, or they do not rise
     */
    public Builder targets(double... sparsities) {
      return targets(Arrays.stream(sparsities).boxed().toList());
    }

    /**
     * Prunes to a sparsity in rounds that each remove the same fraction of the weights left: after
     * round i of n the density is (1 − s)^(i/n).
     *
     * @param rounds n, 1 or more
     * @param finalSparsity s, in (0, 1)
     * @throws IllegalArgumentException if a value is out of range
     */
    public Builder geometric(int rounds, double finalSparsity) {
      return targets(RoundPlan.geometric(rounds, finalSparsity));
    }

    private Builder targets(List<Double> sparsities) {
      List<Double> checked = new RoundPlan.Targets(sparsities, List.of()).targets();
      plan = retries -> new RoundPlan.Targets(checked, retries);
      return this;
    }

    /**
     * Searches for the highest sparsity whose score is good enough, by bisection of the logarithm
     * of the density. Requires {@link #maxScoreDrop}.
     *
     * @param most the upper end of the search, in (0, 1)
     * @param tolerance the largest difference at the end between a sparsity that is good enough and
     *     a higher one that is not; in (0, 1)
     * @throws IllegalArgumentException if a value is out of range
     */
    public Builder asSparseAsPossible(double most, double tolerance) {
      new RoundPlan.Bisection(most, tolerance, List.of()); // checks
      plan = retries -> new RoundPlan.Bisection(most, tolerance, retries);
      return this;
    }

    /**
     * Sets how many epochs the dense network is trained first.
     *
     * @param epochs 0 (the default) for a network that is already trained
     */
    public Builder denseEpochs(int epochs) {
      this.denseEpochs = epochs;
      return this;
    }

    /**
     * Sets over how many epochs a round prunes, along a polynomial of power 3, before fine-tuning.
     *
     * @param epochs 0 (the default) to prune at once
     */
    public Builder rampEpochs(int epochs) {
      this.rampEpochs = epochs;
      return this;
    }

    /**
     * Sets how the network is trained after pruning. The default is fine-tuning at the network's
     * own learning rate.
     *
     * @param retraining the kind of retraining
     */
    public Builder retraining(Retraining retraining) {
      this.retraining = retraining;
      return this;
    }

    /**
     * Sets how often masks are updated along a ramp.
     *
     * @param iterations iterations between mask updates, at least 1; 100 unless set
     */
    public Builder updateEvery(int iterations) {
      this.updateEvery = iterations;
      return this;
    }

    /**
     * Checks the choices and builds the pruner.
     *
     * @return the pruner
     * @throws IllegalArgumentException if a choice is missing or invalid, or two choices do not fit
     *     together
     */
    public IterativePruner build() {
      if (plan == null) {
        throw new IllegalArgumentException(
            "targets must be set (targets, geometric or asSparseAsPossible), but are not");
      }
      RoundSettings rounds = roundSettings();
      return new IterativePruner(
          new IterativeSettings(
              plan.apply(rounds.retries()),
              rounds,
              denseEpochs,
              rampEpochs,
              retraining,
              choices(),
              updateEvery));
    }
  }
}
