package io.github.dl4jpruning.iterative;

import static io.github.dl4jpruning.rounds.RoundSettings.require;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.rounds.RoundSettings;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Everything that decides what an {@link IterativePruner} does.
 *
 * @param plan which sparsities
 * @param rounds what it shares with other pruners in rounds
 * @param denseEpochs epochs before the first round
 * @param rampEpochs epochs over which a round prunes
 * @param retraining how to train again
 * @param pruning what is pruned
 * @param updateEvery iterations between mask updates along a ramp
 */
record IterativeSettings(
    RoundPlan plan,
    RoundSettings rounds,
    int denseEpochs,
    int rampEpochs,
    Retraining retraining,
    PruningChoices pruning,
    int updateEvery) {

  IterativeSettings {
    require(denseEpochs >= 0, "denseEpochs", "0 or more", denseEpochs);
    require(rampEpochs >= 0, "rampEpochs", "0 or more", rampEpochs);
    require(updateEvery >= 1, "updateEvery", "1 or more", updateEvery);
    require(retraining != null, "retraining", "set", null);
    require(
        !(plan instanceof RoundPlan.Bisection) || rounds.maxScoreDrop() < Double.POSITIVE_INFINITY,
        "maxScoreDrop",
        "set for asSparseAsPossible, which goes by it",
        rounds.maxScoreDrop());
    require(
        rampEpochs > 0 || !pruning.criterion().remembers().contains(Memory.INITIAL_WEIGHTS),
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

  /** How to prune along a schedule. */
  PruningConfig along(ISchedule schedule) {
    return new PruningConfig(new UpdateTiming(schedule, updateEvery), pruning);
  }

  /** What a run that is resumed must have in common with the one that was interrupted. */
  String fingerprint() {
    return String.join(
        "; ",
        plan.toString(),
        "denseEpochs " + denseEpochs,
        "rampEpochs " + rampEpochs,
        retraining.toString(),
        "updateEvery " + updateEvery,
        pruning.fingerprint().toString(),
        rounds.fingerprint());
  }
}
