package io.github.dl4jpruning.oneshot;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.plan.RankingBuilder;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Prunes a trained network at once, without training, from a few hundred inputs without labels.
 * Layer by layer it removes the weights whose loss changes the layer's output least, and corrects
 * those that stay, so that they make up for them.
 *
 * <pre>{@code
 * OneShotResult<MultiLayerNetwork> result =
 *     OneShotPruner.builder().sparsity(0.8).build().prune(network, calibration);
 * System.out.println(result);
 * MultiLayerNetwork pruned = result.network();
 * }</pre>
 *
 * <p>For a layer y = W·x with the second moments H of its inputs, a change of a row from w to v
 * costs (v − w)ᵀ·H·(v − w). The corrected weights are those of least squared error among those with
 * the same zeros: they read what the pruned layers before give, and are to give what the dense
 * network gave. Where the layer has a bias, moments are centred and the bias takes up the mean.
 *
 * <p>Dense layers, output layers, one- and two-dimensional convolutions, LSTM and simple recurrent
 * layers are corrected, in wrappers too. Weights of other layers are removed by their magnitude
 * relative to their layer; the report has no errors for them. With coupled channels, the layers
 * behind removed units make up for them.
 *
 * <p>The given network is not changed.
 *
 * <p>Source: E. Frantar and D. Alistarh, 2022 (arXiv 2208.11580) and 2023 (arXiv 2301.00774); for
 * what the dense network gave as the target, Y. He et al., "Channel Pruning for Accelerating Very
 * Deep Neural Networks", 2017 (arXiv 1707.06168).
 */
public final class OneShotPruner {

  private final OneShotSettings settings;

  private OneShotPruner(OneShotSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts a pruner. The sparsity must be set.
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
   * @param calibration inputs like those that the network will see, normalised as it expects them.
   *     Labels are not used, except by criteria that need a gradient. Read once for each layer to
   *     score it, and up to three times to prune it; reset before each time, and the same samples
   *     are expected then.
   * @return the pruned network, and what happened to each layer
   * @param <M> the type of network
   * @throws IllegalArgumentException if the data cannot be reset, is empty or does not fit the
   *     network, or the choices do not fit the network
   * @throws IllegalStateException if the network is not initialised, or has weights or inputs of
   *     layers that are not finite
   * @throws java.util.concurrent.CancellationException if {@link Builder#cancelWhen} said so
   */
  public <M extends Model> OneShotResult<M> prune(M network, DataSetIterator calibration) {
    return new OneShotRun<>(settings, network, TrainingData.of("calibration", calibration)).run();
  }

  /**
   * Prunes a network with several inputs, see {@link #prune(Model, DataSetIterator)}.
   *
   * @param network the network; not changed
   * @param calibration inputs
   * @return the pruned network, and what happened to each layer
   * @param <M> the type of network
   */
  public <M extends Model> OneShotResult<M> prune(M network, MultiDataSetIterator calibration) {
    return new OneShotRun<>(settings, network, TrainingData.of("calibration", calibration)).run();
  }

  /** Builds a pruner. Each method returns the builder. */
  public static final class Builder extends RankingBuilder<Builder> {

    private static final double USUAL_DAMPING = 0.01;

    private double sparsity = Double.NaN;
    private Ranking ranking = Ranking.RECONSTRUCTION;
    private SparsityDistribution distribution = SparsityDistribution.global();
    private Optional<Boolean> compensate = Optional.empty();
    private boolean recalibrate = true;
    private double damping = USUAL_DAMPING;
    private final List<OneShotListener> listeners = new ArrayList<>();
    private BooleanSupplier cancelled = () -> false;

    private Builder() {
      super(SparsityPattern.unstructured());
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Sets the part of the selected weights that is removed; of the channels with coupled channels.
     *
     * @param part in [0, 1)
     */
    public Builder sparsity(double part) {
      this.sparsity = part;
      return this;
    }

    /**
     * Sets what decides which weights go. Default: reconstruction.
     *
     * @param by the ranking
     */
    public Builder ranking(Ranking by) {
      this.ranking = by;
      return this;
    }

    /** Removes weights by an importance criterion, and so sets {@link Ranking#CRITERION}. */
    @Override
    public Builder criterion(ImportanceCriterion criterion) {
      ranking = Ranking.CRITERION;
      return super.criterion(criterion);
    }

    /**
     * Sets how the sparsity is distributed over the tensors. The default is global, by what each
     * weight costs as a part of the energy of its layer's output.
     *
     * @param distribution the distribution
     */
    public Builder distribution(SparsityDistribution distribution) {
      this.distribution = distribution;
      return this;
    }

    /**
     * Sets whether the weights that stay are corrected. Default: only with a ranking by
     * reconstruction.
     *
     * @param correct whether they are
     */
    public Builder compensate(boolean correct) {
      this.compensate = Optional.of(correct);
      return this;
    }

    /**
     * Sets whether the statistics of batch normalisation follow the pruned network. Default: true.
     *
     * @param follow whether they do
     */
    public Builder recalibrate(boolean follow) {
      this.recalibrate = follow;
      return this;
    }

    /**
     * Sets how far corrections are held back: an addition to the diagonal of H, as a part of its
     * mean. Default: 0.01. With 0 the least squares solution is exact, and inputs that are constant
     * or follow from others are refused.
     *
     * @param part 0 or more
     */
    public Builder damping(double part) {
      this.damping = part;
      return this;
    }

    /**
     * Adds a listener for progress.
     *
     * @param listener called after each layer
     */
    public Builder addListener(OneShotListener listener) {
      listeners.add(listener);
      return this;
    }

    /**
     * Sets what ends the run early.
     *
     * @param condition asked before each batch; true ends the run with a {@code
     *     CancellationException}
     */
    public Builder cancelWhen(BooleanSupplier condition) {
      this.cancelled = condition;
      return this;
    }

    /**
     * Builds the pruner.
     *
     * @return the pruner
     * @throws IllegalArgumentException if the sparsity is not set, or a value is out of its range
     */
    public OneShotPruner build() {
      return new OneShotPruner(
          new OneShotSettings(
              sparsity,
              ranking,
              choices(distribution, MaskRule.monotone()),
              compensate.orElse(ranking == Ranking.RECONSTRUCTION),
              recalibrate,
              damping,
              listeners,
              cancelled));
    }
  }
}
