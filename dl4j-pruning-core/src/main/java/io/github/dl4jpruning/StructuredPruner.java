package io.github.dl4jpruning;

import io.github.dl4jpruning.IterativePruner.Retry;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Takes whole channels (neurons, filters, recurrent units) out of a network in rounds, until it
 * costs no more than a part of what it did: of its parameters, its MACs, or its measured latency.
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
 * <p>A round begins with the last good network, takes out the least important channels until its
 * cost is low enough, trains the smaller network, scores each epoch on validation data, and keeps
 * the best one. If its score is no more than {@code maxScoreDrop} below that of the dense network,
 * it is the next good network; if not, the round is tried again ({@link Retry}), and in the end
 * taken back. Each round removes the same fraction of what is left of the cost.
 *
 * <p>The network that is given stays as it is.
 *
 * <p>Source: H. Li et al., "Pruning filters for efficient ConvNets", 2017 (arXiv 1608.08710).
 */
public final class StructuredPruner {

  /** What is to become less. */
  public enum Cost {
    /** All parameters. */
    PARAMETERS("parameters"),
    /** Multiply-accumulate operations for one example. */
    MACS("MACs"),
    /** The median time of {@code output()} on the first batch of the training data. */
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
   * Starts a pruner. A target, fine-tuning epochs and a score calculator have to be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Prunes a network.
   *
   * @param network a trained {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it is
   * @param train data to train on; reset once before each epoch
   * @return the smaller network, and what was done
   * @param <M> the type of network
   * @throws IllegalArgumentException if the data cannot be reset or is empty, the score calculator
   *     cannot score the network, or the target cannot be met
   * @throws IllegalStateException if the network is not initialised
   * @throws IOException if a file of the {@linkplain Builder#directory directory} cannot be read or
   *     written, or is of another run
   */
  public <M extends Model> StructuredPruningResult<M> prune(M network, DataSetIterator train)
      throws IOException {
    return new StructuredRun<>(settings, network, train).run();
  }

  /**
   * As {@link #prune(Model, DataSetIterator)}, for a network with several inputs or outputs.
   *
   * @param network the network; left as it is
   * @param train data to train on; reset once before each epoch
   * @return the smaller network, and what was done
   * @param <M> the type of network
   * @throws IOException if a file cannot be read or written, or is of another run
   */
  public <M extends Model> StructuredPruningResult<M> prune(M network, MultiDataSetIterator train)
      throws IOException {
    return new StructuredRun<>(settings, network, train).run();
  }

  /** Collects the choices. */
  public static final class Builder {
    private Cost cost;
    private double target;
    private int rounds = 1;
    private List<Retry> retries = List.of(Retry.MORE_EPOCHS, Retry.SMALLER_STEP);
    private int fineTuneEpochs;
    private int patience = Integer.MAX_VALUE;
    private ScoreCalculator<?> calculator;
    private double maxScoreDrop = Double.POSITIVE_INFINITY;
    private Distillation distillation;
    private ImportanceCriterion criterion = ImportanceCriterion.magnitude();
    private SparsityDistribution distribution = SparsityDistribution.global();
    private SparsityPattern pattern = SparsityPattern.coupledChannels();
    private ParameterFilter parameters = ParameterFilter.weights();
    private List<InputType> inputTypes = List.of();
    private Path directory;
    private String runName = "";
    private final List<IterativePruningListener> listeners = new ArrayList<>();

    private Builder() {}

    private Builder target(Cost what, double fraction) {
      this.cost = what;
      this.target = fraction;
      return this;
    }

    /**
     * Goes down to a part of the parameters.
     *
     * @param fraction of those of the dense network, in (0, 1)
     * @return this builder
     */
    public Builder targetParameters(double fraction) {
      return target(Cost.PARAMETERS, fraction);
    }

    /**
     * Goes down to a part of the MACs.
     *
     * @param fraction of those of the dense network, in (0, 1)
     * @return this builder
     */
    public Builder targetMacs(double fraction) {
      return target(Cost.MACS, fraction);
    }

    /**
     * Goes down to a part of the time that {@code output()} takes on the first batch of the
     * training data. It is measured, so it is not the same twice.
     *
     * @param fraction of that of the dense network, in (0, 1)
     * @return this builder
     */
    public Builder targetLatency(double fraction) {
      return target(Cost.LATENCY, fraction);
    }

    /**
     * In how many rounds to get there.
     *
     * @param rounds 1 or more; 1 unless set
     * @return this builder
     */
    public Builder rounds(int rounds) {
      this.rounds = rounds;
      return this;
    }

    /**
     * What to try when a round fails, in this order, each once per target; {@link
     * Retry#MORE_EPOCHS}, then {@link Retry#SMALLER_STEP} unless set.
     *
     * @param retries maybe none
     * @return this builder
     */
    public Builder retries(Retry... retries) {
      this.retries = List.of(retries);
      return this;
    }

    /**
     * How long to train in each round.
     *
     * @param epochs 1 or more
     * @return this builder
     */
    public Builder fineTuneEpochs(int epochs) {
      this.fineTuneEpochs = epochs;
      return this;
    }

    /**
     * Ends a round early.
     *
     * @param epochs after so many epochs without a better score, 1 or more; never unless set
     * @return this builder
     */
    public Builder patience(int epochs) {
      this.patience = epochs;
      return this;
    }

    /**
     * How good a network is, on validation data.
     *
     * @param calculator one of DL4J's, or your own
     * @return this builder
     */
    public Builder scoreCalculator(ScoreCalculator<?> calculator) {
      this.calculator = calculator;
      return this;
    }

    /**
     * How much worse than the dense network a pruned one may be.
     *
     * @param drop in units of the score, 0 or more; any unless set
     * @return this builder
     */
    public Builder maxScoreDrop(double drop) {
      this.maxScoreDrop = drop;
      return this;
    }

    /**
     * Has the dense network teach the pruned one; not unless set.
     *
     * @param weight how much the teacher counts, in (0, 1]
     * @param temperature above 0, see {@link Distillation}
     * @return this builder
     * @throws IllegalArgumentException if a value is out of range
     */
    public Builder distillation(double weight, double temperature) {
      this.distillation = new Distillation(weight, temperature);
      return this;
    }

    /**
     * How important each weight is; magnitude unless set. A criterion that remembers earlier
     * iterations has nothing to remember here.
     *
     * @param criterion the criterion
     * @return this builder
     */
    public Builder criterion(ImportanceCriterion criterion) {
      this.criterion = criterion;
      return this;
    }

    /**
     * How channels to remove are shared out between layers; global unless set.
     *
     * @param distribution the distribution
     * @return this builder
     */
    public Builder distribution(SparsityDistribution distribution) {
      this.distribution = distribution;
      return this;
    }

    /**
     * How channels are scored.
     *
     * @param pattern {@link SparsityPattern#coupledChannels()}, or that with choices
     * @return this builder
     */
    public Builder pattern(SparsityPattern pattern) {
      this.pattern = pattern;
      return this;
    }

    /**
     * Which layers take part; all unless set. A layer takes part if its weights are selected.
     *
     * @param parameters the filter
     * @return this builder
     */
    public Builder parameters(ParameterFilter parameters) {
      this.parameters = parameters;
      return this;
    }

    /**
     * What the network reads, for {@link #targetMacs}: where it begins with convolutions on images
     * that are no flat vectors, that cannot be told from the network.
     *
     * @param types one for each input
     * @return this builder
     */
    public Builder inputTypes(InputType... types) {
      this.inputTypes = List.of(types);
      return this;
    }

    /**
     * Saves the network of each accepted round, and goes on after the last round where there is a
     * run with the same settings already. The data must come in the same order again.
     *
     * @param directory a folder for this run alone; nothing is saved unless set
     * @return this builder
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /**
     * What else decides the outcome, such as the seed of the data. A run in the directory goes on
     * only if this is the same.
     *
     * @param name any text
     * @return this builder
     */
    public Builder runName(String name) {
      this.runName = name;
      return this;
    }

    /**
     * Has a listener told how it goes on. What it is told of as sparsity is the part of the cost
     * that is gone.
     *
     * @param listener who wants to know
     * @return this builder
     */
    public Builder addListener(IterativePruningListener listener) {
      if (listener == null) {
        throw new IllegalArgumentException("listener must be set, but is null");
      }
      listeners.add(listener);
      return this;
    }

    /**
     * Checks the choices.
     *
     * @return the pruner
     * @throws IllegalArgumentException if one is missing or wrong
     */
    public StructuredPruner build() {
      if (cost == null) {
        throw new IllegalArgumentException(
            "a target must be set (targetParameters, targetMacs, targetLatency), but is null");
      }
      StructuredSettings.require(
          target > 0.0 && target < 1.0, "the target of " + cost, "in (0, 1)", target);
      StructuredSettings.require(rounds >= 1, "rounds", "1 or more", rounds);
      PruningConfig pruning =
          new PruningConfig(
              new UpdateTiming(SparsitySchedules.constant(0.0), UpdateTiming.DEFAULT_INTERVAL),
              criterion,
              distribution,
              pattern,
              MaskRule.monotone(),
              parameters);
      return new StructuredPruner(
          new StructuredSettings(
              cost,
              RoundPlan.geometric(rounds, 1.0 - target),
              retries,
              fineTuneEpochs,
              patience,
              calculator,
              maxScoreDrop,
              distillation,
              pruning,
              inputTypes,
              directory,
              runName,
              List.copyOf(listeners)));
    }
  }

  @Override
  public String toString() {
    return settings.cost()
        + " to "
        + Arrays.toString(settings.targets().stream().mapToDouble(t -> 1.0 - t).toArray());
  }
}
