package io.github.dl4jpruning.rounds;

import io.github.dl4jpruning.model.NetworkStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all pruners in rounds share.
 *
 * @param retries what to try when a round fails
 * @param fineTuneEpochs epochs of a round at its target
 * @param patience epochs without a better score after which a round ends
 * @param scoreCalculator scores a network
 * @param maxScoreDrop how much worse than the dense network the score may be
 * @param distillation the distillation; empty for none
 * @param teacher the network that teaches; empty for the dense network
 * @param directory where files are saved; empty to save nothing
 * @param runName whatever else distinguishes this run from another
 * @param listeners receive the progress of the run
 */
public record RoundSettings(
    List<Retry> retries,
    int fineTuneEpochs,
    int patience,
    ScoreCalculator<?> scoreCalculator,
    double maxScoreDrop,
    Optional<Distillation> distillation,
    Optional<Model> teacher,
    Optional<Path> directory,
    String runName,
    List<IterativePruningListener> listeners) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one of them is missing or out of range
   */
  public RoundSettings {
    require(fineTuneEpochs >= 1, "fineTuneEpochs", "set, and 1 or more", fineTuneEpochs);
    require(patience >= 1, "patience", "1 or more", patience);
    require(scoreCalculator != null, "scoreCalculator", "set", null);
    require(maxScoreDrop >= 0.0, "maxScoreDrop", "0 or more", maxScoreDrop);
    require(
        teacher.isEmpty() || distillation.isPresent(),
        "distillation",
        "set if there is a teacher",
        null);
    require(runName != null, "runName", "set", null);
    retries = List.copyOf(retries);
    listeners = List.copyOf(listeners);
  }

  /**
   * Refuses a setting that breaks a rule.
   *
   * @param holds whether the rule holds
   * @param name the name of the setting
   * @param rule the text after "must be"
   * @param value the actual value
   * @throws IllegalArgumentException if the rule does not hold
   */
  public static void require(boolean holds, String name, String rule, @Nullable Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
    }
  }

  /**
   * Returns the calculator, for networks of either kind. A calculator for another kind fails when
   * it is used.
   *
   * @return the calculator
   */
  @SuppressWarnings("unchecked")
  public ScoreCalculator<Model> calculator() {
    return (ScoreCalculator<Model>) scoreCalculator;
  }

  /**
   * Scores the dense network.
   *
   * @param network the dense network
   * @return the rule for the scores of the rounds
   * @throws IllegalArgumentException if the score is not finite, or cannot be computed
   */
  public ScoreRule scoreDense(Model network) {
    String rule =
        "scoreCalculator must give a finite score for the dense network (is the validation set"
            + " empty?), but ";
    double score;
    try {
      score = calculator().calculateScore(network);
    } catch (RuntimeException e) { // whatever a calculator throws
      throw new IllegalArgumentException(rule + "it failed: " + e.getMessage(), e);
    }
    if (!Double.isFinite(score)) {
      throw new IllegalArgumentException(rule + "it is " + score);
    }
    return new ScoreRule(score, scoreCalculator.minimizeScore());
  }

  /**
   * Returns the settings that a resumed run must share with the interrupted one.
   *
   * @return the settings as text
   */
  public String fingerprint() {
    return String.join(
        "; ",
        "retries " + retries,
        "fineTuneEpochs " + fineTuneEpochs,
        "patience " + patience,
        "scoreCalculator " + scoreCalculator.getClass().getSimpleName(),
        "maxScoreDrop " + maxScoreDrop,
        distillation.map(Distillation::toString).orElse("no distillation")
            + teacher
                .map(other -> " by " + Long.toHexString(NetworkStore.parameterChecksum(other)))
                .orElse(""),
        runName);
  }
}
