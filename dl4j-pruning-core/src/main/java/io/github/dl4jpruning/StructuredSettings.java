package io.github.dl4jpruning;

import io.github.dl4jpruning.IterativePruner.Retry;
import io.github.dl4jpruning.StructuredPruner.Cost;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * Everything that decides what a {@link StructuredPruner} does.
 *
 * @param cost what is to become less
 * @param targets the parts of it that are to be gone after each round, rising
 * @param retries what to try when a round fails
 * @param fineTuneEpochs epochs in a round
 * @param patience epochs without a better score after which a round ends
 * @param calculator scores a network
 * @param maxScoreDrop how much worse than the dense network is good enough
 * @param distillation the teacher's part; null for none
 * @param pruning how channels are ranked
 * @param inputTypes the types of the network's inputs; none if they can be told from it
 * @param directory where files go; null for none
 * @param runName what else tells this run from another
 * @param listeners who wants to know
 */
record StructuredSettings(
    Cost cost,
    List<Double> targets,
    List<Retry> retries,
    int fineTuneEpochs,
    int patience,
    ScoreCalculator<?> calculator,
    double maxScoreDrop,
    Distillation distillation,
    PruningConfig pruning,
    List<InputType> inputTypes,
    Path directory,
    String runName,
    List<IterativePruningListener> listeners) {

  StructuredSettings {
    require(fineTuneEpochs >= 1, "fineTuneEpochs", "set, and 1 or more", fineTuneEpochs);
    require(patience >= 1, "patience", "1 or more", patience);
    require(calculator != null, "scoreCalculator", "set", null);
    require(maxScoreDrop >= 0.0, "maxScoreDrop", "0 or more", maxScoreDrop);
    require(runName != null, "runName", "set", null);
    require(
        pruning.criterion().remembers().isEmpty(),
        "criterion",
        "one that looks at weights and gradients as they are",
        pruning.criterion());
    require(
        pruning.distribution().sharesTotal(),
        "distribution",
        "one that shares out a total (no budget and no threshold)",
        pruning.distribution());
    require(pruning.pattern().coupled(), "pattern", "coupledChannels", pruning.pattern());
  }

  static void require(boolean holds, String name, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
    }
  }

  /** What a run that is resumed must have in common with the one that was interrupted. */
  String fingerprint() {
    return String.join(
        "; ",
        cost + " gone " + targets,
        "retries " + retries,
        "fineTuneEpochs " + fineTuneEpochs,
        "patience " + patience,
        "scoreCalculator " + calculator.getClass().getSimpleName(),
        "maxScoreDrop " + maxScoreDrop,
        String.valueOf(distillation),
        pruning.fingerprint(),
        "inputTypes " + inputTypes,
        runName);
  }
}
