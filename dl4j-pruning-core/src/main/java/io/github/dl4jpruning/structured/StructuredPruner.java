package io.github.dl4jpruning.structured;

import io.github.dl4jpruning.io.FolderLock;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.rounds.LatencyMeter;
import io.github.dl4jpruning.rounds.Retry;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.rounds.RoundSettings;
import io.github.dl4jpruning.rounds.RoundsBuilder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Removes whole channels (neurons, filters, recurrent units) from a network in rounds, until its
 * cost is down to a given fraction. The cost is the number of parameters, the MACs, or the measured
 * latency.
 *
 * <pre>{@code
 * StructuredPruningResult<MultiLayerNetwork> result = StructuredPruner.builder()
 *     .targetMacs(0.25)
 *     .rounds(4)
 *     .fineTuneEpochs(2)
 *     .scoreCalculator(new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, validation))
 *     .maxScoreDrop(0.01)
 *     .build()
 *     .prune(network, train);
 * MultiLayerNetwork smaller = result.network();
 * }</pre>
 *
 * <p>A round starts from the last good network, removes the least important channels until the cost
 * is low enough, trains the smaller network, scores each epoch on validation data, and keeps the
 * best epoch. A round is accepted if its score is at most {@code maxScoreDrop} worse than that of
 * the dense network. Otherwise the round is tried again ({@link Retry}), and finally taken back.
 * Each round removes the same fraction of the remaining cost.
 *
 * <p>The given network is not changed.
 *
 * <p>Source: H. Li et al., "Pruning filters for efficient ConvNets", 2017 (arXiv 1608.08710).
 */
public final class StructuredPruner {

  /** The cost to reduce. */
  public enum Cost {
    /** All parameters. */
    PARAMETERS("parameters"),
    /** Multiply-accumulate operations for one example. */
    MACS("MACs"),
    /**
     * The median time of {@code output()} on the first batch of the training data, or the time from
     * a {@link LatencyMeter}.
     */
    LATENCY("latency");

    private final String title;

    Cost(String title) {
      this.title = title;
    }

    @Override
    public String toString() {
      return title;
    }
  }

  private final StructuredSettings settings;

  private StructuredPruner(StructuredSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts a pruner. A target, fine-tuning epochs and a score calculator must be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Prunes a network.
   *
   * @param network a trained {@code MultiLayerNetwork} or {@code ComputationGraph}; not changed
   * @param train training data; reset once before each epoch
   * @return the smaller network and the rounds
   * @param <M> the type of network
   * @throws IllegalArgumentException if the data cannot be reset or is empty, the score calculator
   *     cannot score the network, or the target cannot be met
   * @throws IllegalStateException if the network is not initialised
   * @throws IOException if a file of the {@linkplain Builder#directory directory} cannot be read or
   *     written, or belongs to another run
   */
  public <M extends Model> StructuredPruningResult<M> prune(M network, DataSetIterator train)
      throws IOException {
    return run(network, train);
  }

  /**
   * Prunes a network with several inputs or outputs, see {@link #prune(Model, DataSetIterator)}.
   *
   * @param network the network; not changed
   * @param train training data; reset once before each epoch
   * @return the smaller network and the rounds
   * @param <M> the type of network
   * @throws IOException if a file cannot be read or written, or belongs to another run
   */
  public <M extends Model> StructuredPruningResult<M> prune(M network, MultiDataSetIterator train)
      throws IOException {
    return run(network, train);
  }

  private <M extends Model> StructuredPruningResult<M> run(M network, Object train)
      throws IOException {
    try (FolderLock alone = FolderLock.of(settings.rounds().directory())) {
      return new StructuredRun<>(settings, network, train).run();
    }
  }

  /** Builds a pruner. Each method returns the builder. */
  public static final class Builder extends RoundsBuilder<Builder> {
    private @Nullable Cost cost;
    private double target;
    private int rounds = 1;
    private List<InputType> inputTypes = List.of();
    private Optional<LatencyMeter> meter = Optional.empty();

    private Builder() {
      super(SparsityPattern.coupledChannels());
    }

    @Override
    protected Builder self() {
      return this;
    }

    private Builder target(Cost what, double fraction) {
      this.cost = what;
      this.target = fraction;
      return this;
    }

    /**
     * Sets the target for the number of parameters.
     *
     * @param fraction the fraction of the dense network's parameters, in (0, 1)
     */
    public Builder targetParameters(double fraction) {
      return target(Cost.PARAMETERS, fraction);
    }

    /**
     * Sets the target for the MACs.
     *
     * @param fraction the fraction of the dense network's MACs, in (0, 1)
     */
    public Builder targetMacs(double fraction) {
      return target(Cost.MACS, fraction);
    }

    /**
     * Sets the target for the time of {@code output()} on the first batch of the training data.
     * Measured times vary from run to run.
     *
     * @param fraction the fraction of the dense network's time, in (0, 1)
     */
    public Builder targetLatency(double fraction) {
      return target(Cost.LATENCY, fraction);
    }

    /**
     * Replaces the timing of {@code output()} for {@link #targetLatency}, for instance to measure
     * in the engine where the network will run.
     *
     * @param meter measures the times of networks
     */
    public Builder latencyBy(LatencyMeter meter) {
      this.meter = Optional.of(meter);
      return this;
    }

    /**
     * Sets the number of rounds to the target.
     *
     * @param rounds 1 or more; 1 unless set
     */
    public Builder rounds(int rounds) {
      this.rounds = rounds;
      return this;
    }

    /**
     * Sets the input types of the network, for {@link #targetMacs}. They cannot be derived from a
     * network that starts with convolutions on images that are not flat vectors.
     *
     * @param types one type for each input
     */
    public Builder inputTypes(InputType... types) {
      this.inputTypes = List.of(types);
      return this;
    }

    /**
     * Checks the choices and builds the pruner.
     *
     * @return the pruner
     * @throws IllegalArgumentException if a choice is missing or invalid
     */
    public StructuredPruner build() {
      if (cost == null) {
        throw new IllegalArgumentException(
            "a target must be set (targetParameters, targetMacs, targetLatency), but is null");
      }
      RoundSettings.require(
          target > 0.0 && target < 1.0, "the target of " + cost, "in (0, 1)", target);
      RoundSettings.require(rounds >= 1, "rounds", "1 or more", rounds);
      RoundSettings.require(
          meter.isEmpty() || cost == Cost.LATENCY,
          "latencyBy",
          "set only with targetLatency",
          meter.orElse(null));
      return new StructuredPruner(
          new StructuredSettings(
              cost,
              RoundPlan.geometric(rounds, 1.0 - target),
              roundSettings(),
              choices(),
              inputTypes,
              meter));
    }
  }

  @Override
  public String toString() {
    return settings.cost()
        + " to "
        + Arrays.toString(settings.targets().stream().mapToDouble(t -> 1.0 - t).toArray());
  }
}
