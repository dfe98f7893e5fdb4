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
 * Prunes and fine-tunes a network in rounds, as far as the accuracy allows.
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
 * <p>A round begins with the last good network. It prunes, at once or over a ramp of epochs, trains
 * again, scores each epoch on validation data, and keeps the best one. If its score is no more than
 * {@code maxScoreDrop} below that of the dense network, it is the next good network; if not, the
 * round is tried again ({@link Retry}), and in the end taken back: the network has the bits of the
 * last good one, and the result says why.
 *
 * <p>The data that trains and the data that scores have to be different images; what is reported in
 * the end belongs on a third set, which this class never sees.
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
   * Starts a pruner. Targets, fine-tuning epochs and a score calculator have to be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Prunes a network. It is changed in place; in the end it is the last good network, with a
   * listener attached that keeps its removed weights at zero if it is trained on.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}, trained,
   *     or to be trained first with {@link Builder#denseEpochs}
   * @param train data to train on; reset once before each epoch
   * @return what was done
   * @throws IllegalArgumentException if the data cannot be reset or is empty, the score calculator
   *     cannot score the network, or a setting does not fit the network; it is as it was then
   * @throws IOException if a file of the {@linkplain Builder#directory directory} cannot be read or
   *     written
   */
  public IterativePruningResult prune(Model network, DataSetIterator train) throws IOException {
    return run(network, train);
  }

  /**
   * As {@link #prune(Model, DataSetIterator)}, for a network with several inputs or outputs.
   *
   * @param network the network
   * @param train data to train on; reset once before each epoch
   * @return what was done
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

  /** Collects the choices. Each method gives the builder back. */
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
     * Goes to one sparsity after the other.
     *
     * @param sparsities rising, each in (0, 1)
     * @throws IllegalArgumentException if there is none, or they do not rise
     */
    public Builder targets(double... sparsities) {
      return targets(Arrays.stream(sparsities).boxed().toList());
    }

    /**
     * Goes to a sparsity in rounds of which each removes the same fraction of what is left: after
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
     * Looks for the highest sparsity that is good enough, by bisection of the logarithm of the
     * density. Needs {@link #maxScoreDrop}.
     *
     * @param most the highest sparsity that is thought of, in (0, 1)
     * @param tolerance it ends where a sparsity is good enough, and one that is higher by no more
     *     than this is not; in (0, 1)
     * @throws IllegalArgumentException if a value is out of range
     */
    public Builder asSparseAsPossible(double most, double tolerance) {
      new RoundPlan.Bisection(most, tolerance, List.of()); // checks
      plan = retries -> new RoundPlan.Bisection(most, tolerance, retries);
      return this;
    }

    /**
     * Trains the network first, as it is.
     *
     * @param epochs 0 (unless set) for a network that is trained already
     */
    public Builder denseEpochs(int epochs) {
      this.denseEpochs = epochs;
      return this;
    }

    /**
     * Prunes over some epochs, along a polynomial of power 3, before the epochs of fine-tuning.
     *
     * @param epochs 0 (unless set) to prune at once
     */
    public Builder rampEpochs(int epochs) {
      this.rampEpochs = epochs;
      return this;
    }

    /**
     * How to train again after pruning; fine-tuning at the network's own rate unless set.
     *
     * @param retraining how
     */
    public Builder retraining(Retraining retraining) {
      this.retraining = retraining;
      return this;
    }

    /**
     * How often masks change along a ramp.
     *
     * @param iterations iterations between mask updates, at least 1; 100 unless set
     */
    public Builder updateEvery(int iterations) {
      this.updateEvery = iterations;
      return this;
    }

    /**
     * Checks the choices.
     *
     * @return the pruner
     * @throws IllegalArgumentException if one is missing or wrong, or two do not go together
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
