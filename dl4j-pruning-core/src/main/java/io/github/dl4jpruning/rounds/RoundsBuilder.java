package io.github.dl4jpruning.rounds;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.plan.RankingBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;

/**
 * The choices of pruners that work in rounds. Not meant for subclasses elsewhere.
 *
 * @param <B> the builder itself, which each method returns
 */
public abstract class RoundsBuilder<B extends RoundsBuilder<B>> extends RankingBuilder<B> {
  private List<Retry> retries = List.of(Retry.MORE_EPOCHS, Retry.SMALLER_STEP);
  private int fineTuneEpochs;
  private int patience = Integer.MAX_VALUE;
  private @Nullable ScoreCalculator<?> scoreCalculator;
  private double maxScoreDrop = Double.POSITIVE_INFINITY;
  private @Nullable Distillation distillation;
  private @Nullable Model teacher;
  private SparsityDistribution distribution = SparsityDistribution.global();
  private @Nullable Path directory;
  private String runName = "";
  private final List<IterativePruningListener> listeners = new ArrayList<>();

  /**
   * Makes a builder with a default pattern.
   *
   * @param pattern the default pattern
   */
  protected RoundsBuilder(SparsityPattern pattern) {
    super(pattern);
  }

  /**
   * Returns the settings that all pruners in rounds share.
   *
   * @return the settings
   * @throws IllegalArgumentException if one of them is missing or out of range
   */
  protected final RoundSettings roundSettings() {
    if (scoreCalculator == null) {
      throw new IllegalArgumentException("scoreCalculator must be set, but is null");
    }
    return new RoundSettings(
        retries,
        fineTuneEpochs,
        patience,
        scoreCalculator,
        maxScoreDrop,
        Optional.ofNullable(distillation),
        Optional.ofNullable(teacher),
        Optional.ofNullable(directory),
        runName,
        listeners);
  }

  /**
   * Returns what is pruned in a round. Removed weights stay removed.
   *
   * @return the choices
   * @throws IllegalArgumentException if a choice is null, or two choices do not fit together
   */
  protected final PruningChoices choices() {
    return choices(distribution, MaskRule.monotone());
  }

  /**
   * Sets what to try when a round fails, in this order, each once per target. The default is {@link
   * Retry#MORE_EPOCHS}, then {@link Retry#SMALLER_STEP}.
   *
   * @param retries the retries; none to give up at once
   */
  public B retries(Retry... retries) {
    this.retries = List.of(retries);
    return self();
  }

  /**
   * Sets how many epochs each round trains at its target.
   *
   * @param epochs 1 or more
   */
  public B fineTuneEpochs(int epochs) {
    this.fineTuneEpochs = epochs;
    return self();
  }

  /**
   * Ends a round early, after some epochs without a better score; not unless set.
   *
   * @param epochs the number of epochs, 1 or more
   */
  public B patience(int epochs) {
    this.patience = epochs;
    return self();
  }

  /**
   * Sets the score of a network on validation data.
   *
   * @param calculator one of DL4J's, or your own
   */
  public B scoreCalculator(ScoreCalculator<?> calculator) {
    this.scoreCalculator = calculator;
    return self();
  }

  /**
   * Sets how much worse than the dense network a pruned one may be. The default is no limit.
   *
   * @param drop in units of the score, 0 or more
   */
  public B maxScoreDrop(double drop) {
    this.maxScoreDrop = drop;
    return self();
  }

  /**
   * Uses the dense network as the teacher of the pruned one; off unless set.
   *
   * @param weight the weight of the teacher, in (0, 1]
   * @param temperature above 0, see {@link Distillation}
   * @throws IllegalArgumentException if a value is out of range
   */
  public B distillation(double weight, double temperature) {
    this.distillation = new Distillation(weight, temperature);
    return self();
  }

  /**
   * Lets another network than the dense one teach. Requires {@link #distillation}.
   *
   * @param network a trained network that reads the same data and has the same outputs
   */
  public B teacher(Model network) {
    this.teacher = network;
    return self();
  }

  /**
   * Sets how the sparsity is distributed over the tensors, or in a {@code StructuredPruner} the
   * removed channels over the layers. The default is global.
   *
   * @param distribution the distribution
   */
  public B distribution(SparsityDistribution distribution) {
    this.distribution = distribution;
    return self();
  }

  /**
   * Sets where to save: after each epoch ({@code IterativePruner}) or after each round ({@code
   * StructuredPruner}). To resume a run that was killed, build the same pruner and call {@code
   * prune} with a network of the same configuration and the same data. The result has the same bits
   * if the order of the data depends only on the number of resets. The network of each accepted
   * round stays in the folder, as a zip that stock DL4J reads.
   *
   * @param directory a folder for this run alone; nothing is saved unless set
   */
  public B directory(Path directory) {
    this.directory = directory;
    return self();
  }

  /**
   * Names whatever else distinguishes this run from another, for instance seed, batch size and
   * data. A run in the directory is resumed only if the name is the same.
   *
   * @param name any text; empty unless set
   */
  public B runName(String name) {
    this.runName = name;
    return self();
  }

  /**
   * Adds a listener that receives the progress of the run. A {@code StructuredPruner} reports the
   * removed fraction of the cost as sparsity.
   *
   * @param listener the listener
   */
  public B addListener(IterativePruningListener listener) {
    if (listener == null) {
      throw new IllegalArgumentException("listener must be set, but is null");
    }
    listeners.add(listener);
    return self();
  }
}
