package io.github.dl4jpruning;

import java.io.IOException;
import java.util.List;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.earlystopping.termination.EpochTerminationCondition;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.nn.api.Model;

/**
 * Makes DL4J's early stopping choose the best network among those at target sparsity. Without it,
 * the best network is often one from before pruning.
 *
 * <pre>{@code
 * pruning.attachTo(network);
 * new EarlyStoppingTrainer(TargetSparsityGuard.guard(configuration, pruning), network, train).fit();
 * }</pre>
 *
 * <p>While the listener is not at its target ({@link PruningListener#isAtTarget}), an epoch gets
 * the worst possible score: it is not evaluated, not saved as the best, and conditions that wait
 * for an improvement do not count it. A limit on the number of epochs, and conditions per
 * iteration, always apply. If training ends and no epoch was at target sparsity, {@code fit} throws
 * an {@link IllegalStateException} that tells how far pruning came.
 *
 * <p>DL4J's trainer counts epochs from 0 in each run, so use a schedule in iterations for a network
 * that was trained before.
 */
public final class TargetSparsityGuard {

  private TargetSparsityGuard() {}

  /**
   * Guards an early-stopping configuration.
   *
   * @param <T> the kind of network
   * @param configuration the configuration to guard; not changed
   * @param pruning the listener that prunes the network
   * @return a configuration that does the same as soon as the target sparsity is reached
   * @throws IllegalArgumentException if an argument is null, the configuration has no score
   *     calculator, or the highest sparsity of the schedule is unknown
   */
  public static <T extends Model> EarlyStoppingConfiguration<T> guard(
      EarlyStoppingConfiguration<T> configuration, PruningListener pruning) {
    if (configuration == null || pruning == null) {
      throw new IllegalArgumentException(
          "expected a configuration and a pruning listener, but found "
              + configuration
              + " and "
              + pruning);
    }
    if (!pruning.knowsTarget()) {
      throw new IllegalArgumentException(
          "expected a schedule that gives its peak, since only networks that have reached it may"
              + " be the best, but this one does not; wrap it in"
              + " SparsitySchedules.withPeak(schedule, finalSparsity)");
    }
    ScoreCalculator<T> calculator = configuration.getScoreCalculator();
    if (calculator == null) {
      throw new IllegalArgumentException(
          "expected a configuration with a score calculator, which chooses the best network,"
              + " but it has none");
    }
    List<EpochTerminationCondition> conditions =
        configuration.getEpochTerminationConditions().stream()
            .map(condition -> guarded(condition, pruning))
            .toList();
    EarlyStoppingConfiguration<T> guarded =
        new EarlyStoppingConfiguration.Builder<T>()
            .modelSaver(new Saver<>(configuration.getModelSaver(), pruning))
            .scoreCalculator(new Score<>(calculator, pruning))
            .epochTerminationConditions(conditions)
            .saveLastModel(configuration.isSaveLastModel())
            .evaluateEveryNEpochs(configuration.getEvaluateEveryNEpochs())
            .build();
    guarded.setIterationTerminationConditions(configuration.getIterationTerminationConditions());
    return guarded;
  }

  private static EpochTerminationCondition guarded(
      EpochTerminationCondition condition, PruningListener pruning) {
    return condition instanceof MaxEpochsTerminationCondition
        ? condition
        : new Condition(condition, pruning);
  }

  // DL4J declares the interfaces of these three records as serialisable, but never serialises them.

  @SuppressWarnings({"serial", "NonSerializableField"})
  private record Score<T extends Model>(ScoreCalculator<T> calculator, PruningListener pruning)
      implements ScoreCalculator<T> {
    @Override
    public double calculateScore(T network) {
      if (pruning.isAtTarget()) {
        return calculator.calculateScore(network);
      }
      // DL4J never takes these values as the best score.
      return minimizeScore() ? Double.MAX_VALUE : -Double.MAX_VALUE;
    }

    @Override
    public boolean minimizeScore() {
      return calculator.minimizeScore();
    }
  }

  @SuppressWarnings({"serial", "NonSerializableField"})
  private record Condition(EpochTerminationCondition condition, PruningListener pruning)
      implements EpochTerminationCondition {
    @Override
    public void initialize() {
      condition.initialize();
    }

    @Override
    public boolean terminate(int epoch, double score, boolean minimize) {
      return pruning.isAtTarget() && condition.terminate(epoch, score, minimize);
    }

    @Override
    public String toString() {
      return condition + " at target sparsity";
    }
  }

  @SuppressWarnings({"serial", "NonSerializableField"})
  private record Saver<T extends Model>(EarlyStoppingModelSaver<T> saver, PruningListener pruning)
      implements EarlyStoppingModelSaver<T> {
    @Override
    public void saveBestModel(T network, double score) throws IOException {
      if (pruning.isAtTarget()) {
        saver.saveBestModel(network, score);
      }
    }

    @Override
    public void saveLatestModel(T network, double score) throws IOException {
      saver.saveLatestModel(network, score);
    }

    @Override
    public T getBestModel() throws IOException {
      T best = pruning.shortfall().isEmpty() ? saver.getBestModel() : null;
      if (best == null) {
        // Not an IOException: on that, DL4J would return the last network as the best.
        throw new IllegalStateException(
            "expected at least one network at target sparsity, but there is none. "
                + pruning.shortfall().orElse("No epoch that was scored had it."));
      }
      return best;
    }

    @Override
    public T getLatestModel() throws IOException {
      return saver.getLatestModel();
    }
  }
}
