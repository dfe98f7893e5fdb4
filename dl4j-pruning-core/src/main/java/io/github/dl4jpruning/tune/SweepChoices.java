package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.tune.ScheduleSweep.RunListener;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;

/**
 * The configuration of a {@link ScheduleSweep}.
 *
 * @param settings the settings to try
 * @param denseEpochs epochs before pruning, once for all settings
 * @param epochs epochs of each setting
 * @param threads the number of runs at the same time
 * @param calculators makes the calculators that score networks
 * @param halving how settings are stopped early; empty to train all to the end
 * @param rankedBy makes the calculators that rank settings at a rung
 * @param directory where runs are saved; empty to save nothing
 * @param runName whatever else distinguishes this sweep from another
 * @param listener receives each finished run
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

  /** The choices that affect the result, as text for comparison. */
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
