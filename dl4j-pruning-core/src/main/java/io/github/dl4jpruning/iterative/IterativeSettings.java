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
 * All settings of an {@link IterativePruner}.
 *
 * @param plan the sparsities of the rounds
 * @param rounds the settings that all pruners in rounds share
 * @param denseEpochs epochs before the first round
 * @param rampEpochs epochs over which a round prunes
 * @param retraining how the network is trained after pruning
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
        "set for asSparseAsPossible, which needs it",
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

  /** Returns the configuration for pruning along a schedule. */
  PruningConfig along(ISchedule schedule) {
    return new PruningConfig(new UpdateTiming(schedule, updateEvery), pruning);
  }

  /** Returns the settings that a resumed run must share with the interrupted one, as text. */
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
