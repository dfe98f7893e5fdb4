package io.github.dl4jpruning;

import io.github.dl4jpruning.IterativePruner.Retry;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.SparsityPattern;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;

/**
 * The choices of those who prune and train in rounds.
 *
 * @param <B> the builder itself, which each method returns
 */
abstract sealed class RoundsBuilder<B extends RoundsBuilder<B>> extends RankingBuilder<B>
    permits IterativePruner.Builder, StructuredPruner.Builder {
  List<Retry> retries = List.of(Retry.MORE_EPOCHS, Retry.SMALLER_STEP);
  int fineTuneEpochs;
  int patience = Integer.MAX_VALUE;
  ScoreCalculator<?> scoreCalculator;
  double maxScoreDrop = Double.POSITIVE_INFINITY;
  Distillation distillation;
  SparsityDistribution distribution = SparsityDistribution.global();
  Path directory;
  String runName = "";
  private final List<IterativePruningListener> listeners = new ArrayList<>();

  RoundsBuilder(SparsityPattern pattern) {
    super(pattern);
  }

  List<IterativePruningListener> listeners() {
    return List.copyOf(listeners);
  }

  /**
   * What to try when a round fails, in this order, each once per target; {@link Retry#MORE_EPOCHS},
   * then {@link Retry#SMALLER_STEP} unless set.
   *
   * @param retries maybe none
   * @return this builder
   */
  public B retries(Retry... retries) {
    this.retries = List.of(retries);
    return self();
  }

  /**
   * How long to train in each round at its target.
   *
   * @param epochs 1 or more
   * @return this builder
   */
  public B fineTuneEpochs(int epochs) {
    this.fineTuneEpochs = epochs;
    return self();
  }

  /**
   * Ends a round early.
   *
   * @param epochs after so many epochs without a better score, 1 or more; never unless set
   * @return this builder
   */
  public B patience(int epochs) {
    this.patience = epochs;
    return self();
  }

  /**
   * How good a network is, on validation data.
   *
   * @param calculator one of DL4J's, or your own
   * @return this builder
   */
  public B scoreCalculator(ScoreCalculator<?> calculator) {
    this.scoreCalculator = calculator;
    return self();
  }

  /**
   * How much worse than the dense network a pruned one may be.
   *
   * @param drop in units of the score, 0 or more; any unless set
   * @return this builder
   */
  public B maxScoreDrop(double drop) {
    this.maxScoreDrop = drop;
    return self();
  }

  /**
   * Has the dense network teach the pruned one; not unless set.
   *
   * @param weight how much the teacher counts, in (0, 1]
   * @param temperature above 0, see {@link Distillation}
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range
   */
  public B distillation(double weight, double temperature) {
    this.distillation = new Distillation(weight, temperature);
    return self();
  }

  /**
   * How the sparsity is shared out between tensors, and in a {@link StructuredPruner} channels to
   * remove between layers; global unless set.
   *
   * @param distribution the distribution
   * @return this builder
   */
  public B distribution(SparsityDistribution distribution) {
    this.distribution = distribution;
    return self();
  }

  /**
   * Where to save, after each epoch (an {@link IterativePruner}) or each accepted round (a {@link
   * StructuredPruner}), so that a run that was killed goes on: build the same pruner, and call
   * {@code prune} with a network of the same configuration and the same data. What is done is then
   * read, and everything ends with the same bits, if the data comes in an order that depends on the
   * number of resets alone. The network of each accepted round stays there too, as a zip that stock
   * DL4J reads.
   *
   * @param directory a folder for this run alone; nothing is saved unless set
   * @return this builder
   */
  public B directory(Path directory) {
    this.directory = directory;
    return self();
  }

  /**
   * Whatever else tells this run from another, for instance seed, batch size and data: a run in the
   * directory goes on only if this is the same.
   *
   * @param name in words; empty unless set
   * @return this builder
   */
  public B runName(String name) {
    this.runName = name;
    return self();
  }

  /**
   * Has a listener told how it goes on. A {@link StructuredPruner} tells the part of the cost that
   * is gone as sparsity.
   *
   * @param listener who wants to know
   * @return this builder
   */
  public B addListener(IterativePruningListener listener) {
    if (listener == null) {
      throw new IllegalArgumentException("listener must be set, but is null");
    }
    listeners.add(listener);
    return self();
  }
}
