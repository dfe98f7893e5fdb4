package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.plan.RankingBuilder;
import io.github.dl4jpruning.rounds.LatencyMeter;
import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.tune.SensitivityResult.LayerSensitivity;
import io.github.dl4jpruning.tune.SensitivityResult.Probe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Measures how much sparsity each layer of a trained network tolerates. The scan prunes one layer
 * at a time to each of several sparsities, without fine-tuning, and scores the network each time.
 * After each probe the network is restored bit for bit.
 *
 * <pre>{@code
 * SensitivityResult result = SensitivityScan.builder()
 *     .scoreCalculator(new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, validation))
 *     .build()
 *     .scan(network, train);
 * System.out.println(result);
 * SparsityDistribution perLayer = result.proposal(0.01).distribution();
 * }</pre>
 *
 * <p>Source: H. Li et al., "Pruning Filters for Efficient ConvNets", 2017 (arXiv 1608.08710),
 * section 3.2, for whole filters; S. Han et al., 2015 (arXiv 1506.02626), figure 6, for single
 * weights.
 */
public final class SensitivityScan {

  private static final double[] LEVELS = {.1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99};

  private final List<Double> sparsities;
  private final ScoreCalculator<Model> calculator;
  private final PruningChoices pruning;
  private final Optional<LatencyMeter> meter;
  private final ProbeListener listener;

  /** Receives each finished probe. */
  @FunctionalInterface
  public interface ProbeListener {
    /**
     * Called when a probe is finished.
     *
     * @param layer the pruned layer
     * @param probe the result
     * @param done the number of finished probes
     * @param all the number of all probes
     */
    void onProbe(String layer, Probe probe, int done, int all);
  }

  private SensitivityScan(
      List<Double> sparsities,
      ScoreCalculator<Model> calculator,
      PruningChoices pruning,
      Optional<LatencyMeter> meter,
      ProbeListener listener) {
    this.sparsities = sparsities;
    this.calculator = calculator;
    this.pruning = pruning;
    this.meter = meter;
    this.listener = listener;
  }

  /**
   * Starts a scan. Only {@link Builder#scoreCalculator} must be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Scans a network. Afterwards the network has the same bits as before.
   *
   * @param network an initialised, trained {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param train data whose first batch gives the gradient, for criteria that use it
   * @return the scores
   * @throws IllegalArgumentException if the data cannot be reset or is empty, or the filter does
   *     not fit the network
   * @throws IllegalStateException if the network is not initialised or has a pruning listener
   */
  public SensitivityResult scan(Model network, DataSetIterator train) {
    return scan(network, TrainingData.of(train));
  }

  /**
   * Scans a network with several inputs or outputs, see {@link #scan(Model, DataSetIterator)}.
   *
   * @param network the network
   * @param train data whose first batch gives the gradient
   * @return the scores
   */
  public SensitivityResult scan(Model network, MultiDataSetIterator train) {
    return scan(network, TrainingData.of(train));
  }

  private SensitivityResult scan(Model network, TrainingData train) {
    NetworkParameters parameters = NetworkParameters.of(network);
    List<PrunableParameter> selected =
        pruning.parameters().select(parameters.parameters(), parameters.layers());
    List<String> layers = selected.stream().map(PrunableParameter::layer).distinct().toList();
    double dense = calculator.calculateScore(network);
    if (!Double.isFinite(dense)) {
      throw new IllegalArgumentException(
          "scoreCalculator must give a finite score for the network as it is (is the validation"
              + " set empty?), but it is "
              + dense);
    }
    NetworkSnapshot before = NetworkSnapshot.of(network);
    Optional<Model> unpruned = meter.map(m -> NetworkMaker.copyOf(network));
    RandomState random = RandomState.now();
    List<LayerSensitivity> rows = new ArrayList<>();
    int done = 0;
    try {
      for (String layer : layers) {
        List<Probe> probes = new ArrayList<>();
        for (double sparsity : sparsities) {
          Probe probe = probe(network, train, before, unpruned, layer, sparsity);
          probes.add(probe);
          listener.onProbe(layer, probe, ++done, layers.size() * sparsities.size());
        }
        long weights =
            selected.stream()
                .filter(parameter -> parameter.layer().equals(layer))
                .mapToLong(PrunableParameter::length)
                .sum();
        rows.add(new LayerSensitivity(layer, weights, probes));
      }
    } finally {
      random.restore();
    }
    return new SensitivityResult(dense, calculator.minimizeScore(), rows);
  }

  /** Selects this layer only, even if its name looks like a pattern. */
  private static ParameterFilter only(String layer) {
    boolean pattern = layer.isBlank() || layer.contains("*") || layer.contains("?");
    return pattern
        ? ParameterFilter.layersMatching(Pattern.quote(layer))
        : ParameterFilter.layers(layer);
  }

  /** Makes the masks in one training step with a listener, then undoes the step itself. */
  private Probe probe(
      Model network,
      TrainingData train,
      NetworkSnapshot before,
      Optional<Model> unpruned,
      String layer,
      double sparsity) {
    PruningConfig config =
        new PruningConfig(
            new UpdateTiming(SparsitySchedules.constant(sparsity), 1),
            pruning.with(pruning.parameters().and(only(layer))));
    PruningListener pruned = PruningListener.of(config);
    pruned.attachTo(network);
    try {
      train.fitFirstBatch(network);
      before.restoreTo(network);
      pruned.holdMasks(pruned.masks(), sparsity);
      return new Probe(
          sparsity,
          pruned.sparsity(),
          calculator.calculateScore(network),
          meter.map(m -> m.compare(unpruned.orElseThrow(), network)));
    } finally {
      pruned.detach();
      before.restoreTo(network);
    }
  }

  /** Builds a scan. Each method returns the builder. */
  public static final class Builder extends RankingBuilder<Builder> {
    private double[] sparsities = LEVELS;
    private @Nullable ScoreCalculator<?> scoreCalculator;
    private Optional<LatencyMeter> meter = Optional.empty();
    private ProbeListener listener = (layer, probe, done, all) -> {};

    private Builder() {
      super(SparsityPattern.unstructured());
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Sets the sparsities to try. The default is 10% to 90% in steps of ten, 95% and 99%.
     *
     * @param sparsities rising, each in (0, 1)
     */
    public Builder sparsities(double... sparsities) {
      this.sparsities = sparsities.clone();
      return this;
    }

    /**
     * Sets the score of a network on validation data.
     *
     * @param calculator one of DL4J's, or your own
     */
    public Builder scoreCalculator(ScoreCalculator<?> calculator) {
      this.scoreCalculator = calculator;
      return this;
    }

    /**
     * Sets the listener that receives each finished probe.
     *
     * @param listener the listener
     */
    public Builder onProbe(ProbeListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Times the network in each probe as well. By default no probe is timed.
     *
     * @param meter measures times, for instance {@code RuntimeLatency} in {@code
     *     dl4j-pruning-export}
     */
    public Builder latencyBy(LatencyMeter meter) {
      this.meter = Optional.of(meter);
      return this;
    }

    /**
     * Checks the choices and builds the scan.
     *
     * @return the scan
     * @throws IllegalArgumentException if a choice is missing or invalid
     */
    @SuppressWarnings("unchecked") // a calculator for another kind of network says so when used
    public SensitivityScan build() {
      PruningChoices pruning = choices(SparsityDistribution.global(), MaskRule.monotone());
      if (pruning.pattern().coupled()) {
        throw new IllegalArgumentException(
            "a scan prunes each layer alone, so the pattern must not be coupledChannels");
      }
      if (scoreCalculator == null || listener == null) {
        throw new IllegalArgumentException(
            "scoreCalculator and the listener must be set, but are "
                + scoreCalculator
                + " and "
                + listener);
      }
      if (pruning.criterion().remembers().contains(Memory.INITIAL_WEIGHTS)) {
        throw new IllegalArgumentException(
            "criterion must look at the network as it is, but "
                + pruning.criterion()
                + " compares with earlier weights, which a scan does not have");
      }
      if (sparsities.length == 0) {
        throw new IllegalArgumentException("sparsities must be one sparsity or more, but are none");
      }
      double last = 0.0;
      for (double sparsity : sparsities) {
        Sparsity.check(sparsity, "sparsities");
        if (!(sparsity > last)) {
          throw new IllegalArgumentException(
              "sparsities must rise, the first above 0, but are " + Arrays.toString(sparsities));
        }
        last = sparsity;
      }
      return new SensitivityScan(
          Arrays.stream(sparsities).boxed().toList(),
          (ScoreCalculator<Model>) scoreCalculator,
          pruning,
          meter,
          listener);
    }
  }
}
