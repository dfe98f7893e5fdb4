package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.io.FolderLock;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.plan.Planner;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Tries many pruning settings on the same network: sparsity, schedule, speed, distribution,
 * learning rate.
 *
 * <pre>{@code
 * SweepResult result = ScheduleSweep.builder()
 *     .settings(space.grid())
 *     .denseEpochs(2)
 *     .epochs(10)
 *     .scoreCalculator(() -> new ClassificationScoreCalculator(Metric.ACCURACY, validation()))
 *     .build()
 *     .run(network, () -> train());
 * result.best(0.005).ifPresent(run -> System.out.println(run.setting().pruning().toYaml()));
 * }</pre>
 *
 * <p>The network is first trained for the dense epochs, once for all settings; schedules that begin
 * later are not affected. Then each setting trains a copy of the network for the same number of
 * epochs on the same batches. A run is scored only after its last epoch: no earlier epoch is
 * picked. One more run trains without pruning, for comparison. Schedules count iterations from the
 * start of the dense epochs, so a recipe from a sweep gives the same network when it is trained
 * separately. The exception is a criterion with memory (movement, magnitude increase): in a sweep
 * its memory starts after the dense epochs.
 */
public final class ScheduleSweep {

  private final SweepChoices choices;

  /** Receives each finished run. Calls come one at a time, from any thread. */
  @FunctionalInterface
  public interface RunListener {
    /**
     * Called when a run is finished, was stopped at a rung, or was read from the directory.
     *
     * @param run the result; number 0 is the run without pruning
     * @param done the number of finished runs
     * @param all the number of all runs
     */
    void onRun(Run run, int done, int all);
  }

  private ScheduleSweep(SweepChoices choices) {
    this.choices = choices;
  }

  /**
   * Starts a sweep. Settings, epochs and score calculators must be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Tries all settings.
   *
   * @param network an initialised network; it is trained for the dense epochs and otherwise not
   *     changed
   * @param train makes a new iterator for each run; the iterator is reset once before each epoch,
   *     and its order may depend only on the number of resets
   * @return the results
   * @throws IllegalArgumentException if the data cannot be reset or is empty, or a setting does not
   *     fit the network
   * @throws IOException if a file of the directory cannot be read or written
   */
  public SweepResult run(Model network, Supplier<? extends DataSetIterator> train)
      throws IOException {
    checkSettings(network);
    TrainingData.of(train.get()); // refuses what cannot be trained on
    if (choices.directory().isPresent()) {
      SavedConfiguration.of(network, 0, 0); // refuses what could be saved and not loaded
    }
    try (FolderLock alone = FolderLock.of(choices.directory())) {
      return tryAll(network, train);
    }
  }

  private SweepResult tryAll(Model network, Supplier<? extends DataSetIterator> train)
      throws IOException {
    SweepStore store =
        SweepStore.open(
            choices.directory(), choices.fingerprint() + "; " + NetworkStore.fingerprint(network));
    warmUp(network, train, store);
    SweepPauses pauses = new SweepPauses(choices.directory());
    SweepTraining training = new SweepTraining(network, train, choices.denseEpochs(), pauses);
    List<Run> runs = new ArrayList<>(new SweepRace(choices, store, pauses, training).run());
    Run dense = runs.remove(0);
    return new SweepResult(
        dense.score(),
        SparsityReport.of(network).weights(),
        choices.calculators().get().minimizeScore(),
        runs);
  }

  /**
   * Returns the total number of training epochs of all settings, without the dense epochs and the
   * run without pruning: the number of settings times the epochs of each, or fewer with {@link
   * Builder#halving}. Settings that diverge reduce the actual number further.
   *
   * @return a number of epochs
   */
  public int plannedEpochs() {
    return choices
        .halving()
        .map(halving -> halving.plannedEpochs(choices.settings(), choices.epochs()))
        .orElse(choices.settings().size() * choices.epochs());
  }

  private void checkSettings(Model network) {
    NetworkParameters parameters = NetworkParameters.of(network);
    if (parameters.listeners().stream().anyMatch(PruningListener.class::isInstance)) {
      throw new IllegalStateException(
          "expected a network without a pruning listener, since each run has its own, but this one"
              + " has one");
    }
    for (Setting setting : choices.settings()) {
      Planner.of(setting.pruning().choices(), parameters); // refuses what does not fit
    }
  }

  private void warmUp(Model network, Supplier<? extends DataSetIterator> train, SweepStore store)
      throws IOException {
    TrainingData data = TrainingData.of(train.get());
    if (store.loadWarmUp(network)) {
      return;
    }
    for (int epoch = 0; epoch < choices.denseEpochs(); epoch++) {
      data.fitEpoch(network);
    }
    store.saveWarmUp(network);
  }

  /** Builds a sweep. Each method returns the builder. */
  public static final class Builder {
    private List<Setting> settings = List.of();
    private int denseEpochs;
    private int epochs;
    private int threads = 1;
    private @Nullable Supplier<? extends ScoreCalculator<?>> calculators;
    private @Nullable Path directory;
    private String runName = "";
    private @Nullable SweepHalving halving;
    private @Nullable Supplier<? extends ScoreCalculator<?>> rankedBy;
    private RunListener listener = (run, done, all) -> {};

    private Builder() {}

    /**
     * Sets the settings to try.
     *
     * @param settings at least one, see {@link SweepSpace}
     */
    public Builder settings(List<Setting> settings) {
      this.settings = List.copyOf(settings);
      return this;
    }

    /**
     * Sets how many epochs the network is trained first, once for all settings.
     *
     * @param epochs 0 (the default) for a network that is already trained
     */
    public Builder denseEpochs(int epochs) {
      this.denseEpochs = epochs;
      return this;
    }

    /**
     * Sets how long each setting is trained after the dense epochs.
     *
     * @param epochs 1 or more
     */
    public Builder epochs(int epochs) {
      this.epochs = epochs;
      return this;
    }

    /**
     * Sets how many runs train at the same time.
     *
     * @param threads 1 (the default) or more; ND4J's own threads come on top
     */
    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    /**
     * Sets the score of a network on validation data.
     *
     * @param calculators makes a new calculator for each run, since runs must not share an iterator
     */
    public Builder scoreCalculator(Supplier<? extends ScoreCalculator<?>> calculators) {
      this.calculators = calculators;
      return this;
    }

    /**
     * Stops bad settings early by successive halving; off unless set. Settings are ranked after
     * {@code firstEpochs} epochs, again after {@code eta} times as many, and so on. Of n settings
     * with the same final sparsity, the best ⌈n/eta⌉ continue. Early rankings can differ from the
     * final one: among settings that differ by less than the noise of the score, the winner may not
     * be that of a full sweep.
     *
     * <p>A setting that waits for the others at a rung is saved as a checkpoint in the directory.
     * Without a directory its parameters, updater state and masks stay in memory: with Adam 12
     * bytes per parameter and setting.
     *
     * <p>Source: K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and
     * hyperparameter optimization", AISTATS 2016 (arXiv 1502.07943).
     *
     * @param eta 2 or more; the larger, the fewer settings continue
     * @param firstEpochs 1 or more, and less than the epochs of a setting
     */
    public Builder halving(int eta, int firstEpochs) {
      this.halving = new SweepHalving(eta, firstEpochs);
      return this;
    }

    /**
     * Sets the score by which settings are ranked at a rung. The loss on validation data is less
     * noisy than the accuracy on the same number of examples.
     *
     * @param calculators as for {@link #scoreCalculator}, which is used unless this is set
     */
    public Builder halvingScore(Supplier<? extends ScoreCalculator<?>> calculators) {
      this.rankedBy = calculators;
      return this;
    }

    /**
     * Saves each finished run, so that a sweep that was killed does not repeat it.
     *
     * @param directory a folder for this sweep alone; nothing is saved unless set
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /**
     * Names whatever else distinguishes this sweep from another, for instance seed, batch size and
     * data. Saved runs in the directory are used only if the name is the same.
     *
     * @param name any text; empty unless set
     */
    public Builder runName(String name) {
      this.runName = name;
      return this;
    }

    /**
     * Sets the listener that receives each finished run.
     *
     * @param listener the listener
     */
    public Builder onRun(RunListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Checks the choices and builds the sweep.
     *
     * @return the sweep
     * @throws IllegalArgumentException if a choice is missing or invalid
     */
    public ScheduleSweep build() {
      require(!settings.isEmpty(), "settings", "one or more", settings);
      require(denseEpochs >= 0, "denseEpochs", "0 or more", denseEpochs);
      require(epochs >= 1, "epochs", "set, and 1 or more", epochs);
      require(threads >= 1, "threads", "1 or more", threads);
      if (calculators == null) {
        throw new IllegalArgumentException("scoreCalculator must be set, but is null");
      }
      require(listener != null, "the listener", "set", null);
      if (halving != null) {
        int first = halving.firstEpochs();
        require(halving.eta() >= 2, "eta", "2 or more", halving.eta());
        require(
            first >= 1 && first < epochs,
            "firstEpochs",
            "1 or more and less than the " + epochs + " epochs of a setting",
            first);
      }
      require(rankedBy == null || halving != null, "halving", "set with halvingScore", null);
      return new ScheduleSweep(
          new SweepChoices(
              settings,
              denseEpochs,
              epochs,
              threads,
              calculators,
              Optional.ofNullable(halving),
              rankedBy == null ? calculators : rankedBy,
              Optional.ofNullable(directory),
              runName,
              listener));
    }

    private static void require(boolean holds, String name, String rule, @Nullable Object value) {
      if (!holds) {
        throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
      }
    }
  }
}
