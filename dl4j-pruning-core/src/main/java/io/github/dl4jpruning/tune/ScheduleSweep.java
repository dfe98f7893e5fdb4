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
 * Tries many settings of pruning on the same network: which sparsity, which schedule, how fast,
 * shared out how, at what learning rate.
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
 * <p>The network is trained for some epochs first, once for all; schedules that begin later lose
 * nothing by that. Then each setting goes on from a copy of it, for the same number of epochs on
 * the same batches, and is scored after its last epoch: nothing is picked inside a run. One more
 * run goes on without pruning, to compare with. Iterations of schedules are counted from the
 * beginning of the dense epochs, so a recipe of a sweep gives the same network in a training of its
 * own; except with a criterion that remembers (movement, magnitude increase), whose memory begins
 * behind the dense epochs here.
 */
public final class ScheduleSweep {

  private final SweepChoices choices;

  /** Is told of each run, one at a time, by any thread. */
  @FunctionalInterface
  public interface RunListener {
    /**
     * A run is done, was stopped at a rung, or was read from the directory.
     *
     * @param run what came of it; number 0 is the run without pruning
     * @param done how many are done
     * @param all how many there are
     */
    void onRun(Run run, int done, int all);
  }

  private ScheduleSweep(SweepChoices choices) {
    this.choices = choices;
  }

  /**
   * Starts a sweep. Settings, epochs and score calculators have to be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Tries all settings.
   *
   * @param network an initialised network; trained for the dense epochs, and else left as it is
   * @param train makes an iterator, a new one for each run; it is reset once before each epoch, and
   *     its order must depend on nothing but the number of resets
   * @return what came of them
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
   * How many epochs the settings are trained for together, the dense epochs and the run without
   * pruning not counted: the number of settings times the epochs of each, or fewer with {@link
   * Builder#halving}. A setting that diverges makes it fewer still.
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

  /** Collects the choices. Each method gives the builder back. */
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
     * What to try.
     *
     * @param settings at least one, see {@link SweepSpace}
     */
    public Builder settings(List<Setting> settings) {
      this.settings = List.copyOf(settings);
      return this;
    }

    /**
     * Trains the network first, once for all settings.
     *
     * @param epochs 0 (unless set) for a network that is trained as far as it should be
     */
    public Builder denseEpochs(int epochs) {
      this.denseEpochs = epochs;
      return this;
    }

    /**
     * How long each setting is trained after that.
     *
     * @param epochs 1 or more
     */
    public Builder epochs(int epochs) {
      this.epochs = epochs;
      return this;
    }

    /**
     * Runs at the same time.
     *
     * @param threads 1 (unless set) or more; ND4J's own threads come on top of them
     */
    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    /**
     * How good a network is, on validation data.
     *
     * @param calculators makes a calculator, a new one for each run, since runs may share no
     *     iterator
     */
    public Builder scoreCalculator(Supplier<? extends ScoreCalculator<?>> calculators) {
      this.calculators = calculators;
      return this;
    }

    /**
     * Stops bad settings early: successive halving. After {@code firstEpochs} epochs, and again
     * after {@code eta} times as many, and so on, settings are ranked, and of n of the same final
     * sparsity ⌈n/eta⌉ go on; off unless set. The order of the first epochs is not that of the
     * last: among settings that differ by less than the noise of the score, another one may win
     * than in a full sweep.
     *
     * <p>A setting that waits for the others at a rung is a checkpoint in the directory; without a
     * directory its parameters, updater state and masks are in memory, with Adam 12 bytes per
     * parameter and setting.
     *
     * <p>Source: K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and
     * hyperparameter optimization", AISTATS 2016 (arXiv 1502.07943).
     *
     * @param eta 2 or more; the larger, the fewer go on
     * @param firstEpochs 1 or more, and less than the epochs of a setting
     */
    public Builder halving(int eta, int firstEpochs) {
      this.halving = new SweepHalving(eta, firstEpochs);
      return this;
    }

    /**
     * What settings are ranked by where bad ones are stopped. The loss on validation data has less
     * noise than the accuracy on as many examples.
     *
     * @param calculators as for {@link #scoreCalculator}, which is used unless this is set
     */
    public Builder halvingScore(Supplier<? extends ScoreCalculator<?>> calculators) {
      this.rankedBy = calculators;
      return this;
    }

    /**
     * Where to save each run that is done, so that a sweep that was killed does not try it again.
     *
     * @param directory a folder for this sweep alone; nothing is saved unless set
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /**
     * Whatever else tells this sweep from another, for instance seed, batch size and data: what is
     * in the directory counts only if this is the same.
     *
     * @param name in words; empty unless set
     */
    public Builder runName(String name) {
      this.runName = name;
      return this;
    }

    /**
     * Who is told of each run.
     *
     * @param listener who wants to know
     */
    public Builder onRun(RunListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Checks the choices.
     *
     * @return the sweep
     * @throws IllegalArgumentException if one is missing or wrong
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
