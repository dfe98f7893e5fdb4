package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.tune.ScheduleSweep.RunListener;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;

/**
 * What a {@link ScheduleSweep} was told.
 *
 * @param settings what to try
 * @param denseEpochs epochs before that, once for all
 * @param epochs epochs of each setting
 * @param threads runs at the same time
 * @param calculators how good a network is
 * @param halving who is stopped early, if anybody
 * @param rankedBy what settings are ranked by at a rung
 * @param directory where to save, if anywhere
 * @param runName what else tells this sweep from another
 * @param listener who is told of each run
 */
record SweepChoices(
    List<Setting> settings,
    int denseEpochs,
    int epochs,
    int threads,
    Supplier<? extends ScoreCalculator<?>> calculators,
    Optional<SweepHalving> halving,
    Supplier<? extends ScoreCalculator<?>> rankedBy,
    Optional<Path> directory,
    String runName,
    RunListener listener) {

  /** The choices that decide the outcome, as text to be compared. */
  String fingerprint() {
    StringBuilder text = new StringBuilder();
    text.append("denseEpochs ").append(denseEpochs).append(", epochs ").append(epochs);
    for (Setting setting : settings) {
      text.append("; ").append(setting.pruning().fingerprint());
      text.append(", rate ").append(setting.learningRate());
    }
    halving.ifPresent(
        by ->
            text.append("; halving by ")
                .append(by.eta())
                .append(" from epoch ")
                .append(by.firstEpochs()));
    return text.append("; ").append(runName).toString();
  }

  /** The setting of a run; empty for the run without pruning. */
  Optional<Setting> setting(int number) {
    return number == 0 ? Optional.empty() : Optional.of(settings.get(number - 1));
  }
}
