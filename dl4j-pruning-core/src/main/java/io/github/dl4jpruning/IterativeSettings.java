package io.github.dl4jpruning;

import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.nio.file.Path;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Everything that decides what an {@link IterativePruner} does.
 *
 * @param plan which sparsities
 * @param denseEpochs epochs before the first round
 * @param rampEpochs epochs over which a round prunes
 * @param fineTuneEpochs epochs after that
 * @param patience epochs without a better score after which a round ends
 * @param scoreCalculator scores a network
 * @param maxScoreDrop how much worse than the dense network is good enough
 * @param retraining how to train again
 * @param distillation the teacher's part; null for none
 * @param pruning how to prune; its schedule is replaced in each round
 * @param directory where files go; null for none
 * @param runName what else tells this run from another
 */
record IterativeSettings(
    RoundPlan plan,
    int denseEpochs,
    int rampEpochs,
    int fineTuneEpochs,
    int patience,
    ScoreCalculator<?> scoreCalculator,
    double maxScoreDrop,
    Retraining retraining,
    Distillation distillation,
    PruningConfig pruning,
    Path directory,
    String runName) {

  IterativeSettings {
    require(denseEpochs >= 0, "denseEpochs", "0 or more", denseEpochs);
    require(rampEpochs >= 0, "rampEpochs", "0 or more", rampEpochs);
    require(fineTuneEpochs >= 1, "fineTuneEpochs", "set, and 1 or more", fineTuneEpochs);
    require(patience >= 1, "patience", "1 or more", patience);
    require(scoreCalculator != null, "scoreCalculator", "set", null);
    require(maxScoreDrop >= 0.0, "maxScoreDrop", "0 or more", maxScoreDrop);
    require(retraining != null, "retraining", "set", null);
    require(
        !(plan instanceof RoundPlan.Bisection) || maxScoreDrop < Double.POSITIVE_INFINITY,
        "maxScoreDrop",
        "set for asSparseAsPossible, which goes by it",
        maxScoreDrop);
    require(
        rampEpochs > 0
            || !pruning
                .criterion()
                .remembers()
                .contains(ImportanceCriterion.Memory.INITIAL_WEIGHTS),
        "rampEpochs",
        "1 or more for a criterion that compares with the weights at the beginning of a round",
        rampEpochs);
    if (retraining instanceof Retraining.WeightRewinding rewinding) {
      require(
          rampEpochs == 0,
          "rampEpochs",
          "0 for weight rewinding, which prunes before it sets weights back",
          rampEpochs);
      require(
          denseEpochs >= Math.max(1, rewinding.epoch()),
          "denseEpochs",
          "1 or more and reach the epoch to rewind to, " + rewinding.epoch(),
          denseEpochs);
    }
  }

  private static void require(boolean holds, String name, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
    }
  }

  /** How to prune along a schedule. */
  PruningConfig along(ISchedule schedule) {
    return new PruningConfig(
        new UpdateTiming(schedule, pruning.timing().updateEvery()),
        pruning.criterion(),
        pruning.distribution(),
        pruning.pattern(),
        pruning.rule(),
        pruning.parameters());
  }

  /** What a run that is resumed must have in common with the one that was interrupted. */
  String fingerprint() {
    return String.join(
        "; ",
        plan.toString(),
        "denseEpochs " + denseEpochs,
        "rampEpochs " + rampEpochs,
        "fineTuneEpochs " + fineTuneEpochs,
        "patience " + patience,
        "maxScoreDrop " + maxScoreDrop,
        "scoreCalculator " + scoreCalculator.getClass().getSimpleName(),
        retraining.toString(),
        String.valueOf(distillation),
        pruning.fingerprint(),
        runName);
  }
}
