package io.github.dl4jpruning;

import io.github.dl4jpruning.SweepResult.Run;
import io.github.dl4jpruning.SweepSpace.Setting;
import io.github.dl4jpruning.io.FolderLock;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.model.TrainingData;
import io.github.dl4jpruning.shrink.CoupledChannels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(ScheduleSweep.class);

  private final String runName;
  private final List<Setting> settings;
  private final int denseEpochs;
  private final int epochs;
  private final int threads;
  private final Supplier<? extends ScoreCalculator<?>> calculators;
  private final Path directory;
  private final RunListener listener;

  /** Is told of each run, by the thread that made it, one at a time. */
  @FunctionalInterface
  public interface RunListener {
    /**
     * A run is done, or was read from the directory.
     *
     * @param run what came of it; number 0 is the run without pruning
     * @param done how many are done
     * @param all how many there are
     */
    void onRun(Run run, int done, int all);
  }

  private ScheduleSweep(Builder builder) {
    this.runName = builder.runName;
    this.settings = builder.settings;
    this.denseEpochs = builder.denseEpochs;
    this.epochs = builder.epochs;
    this.threads = builder.threads;
    this.calculators = builder.calculators;
    this.listener = builder.listener;
    this.directory = builder.directory;
  }

  private String fingerprint() {
    StringBuilder text = new StringBuilder();
    text.append("denseEpochs ").append(denseEpochs).append(", epochs ").append(epochs);
    for (Setting setting : settings) {
      text.append("; ").append(setting.pruning().fingerprint());
      text.append(", rate ").append(setting.learningRate());
    }
    return text.append("; ").append(runName).toString();
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
    if (directory != null) {
      SavedConfiguration.of(network, 0, 0); // refuses what could be saved and not loaded
    }
    try (FolderLock alone = FolderLock.of(directory)) {
      return tryAll(network, train);
    }
  }

  private SweepResult tryAll(Model network, Supplier<? extends DataSetIterator> train)
      throws IOException {
    SweepStore store =
        SweepStore.open(directory, fingerprint() + "; " + NetworkStore.fingerprint(network));
    warmUp(network, train, store);
    NetworkSnapshot start = NetworkSnapshot.of(network);
    RandomState random = RandomState.now();
    AtomicInteger done = new AtomicInteger();
    AtomicBoolean cancelled = new AtomicBoolean();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Run>> futures = new ArrayList<>();
      for (int number = 0; number <= settings.size(); number++) {
        int own = number;
        futures.add(
            executor.submit(
                () -> {
                  Run run = store.read(own, own == 0 ? null : settings.get(own - 1));
                  if (run == null) {
                    run = tried(own, network, start, random, train, cancelled);
                    store.write(run);
                  }
                  tell(run, done);
                  return run;
                }));
      }
      List<Run> runs = new ArrayList<>();
      for (Future<Run> future : futures) {
        runs.add(future.get());
      }
      Run dense = runs.remove(0);
      return new SweepResult(
          dense.score(),
          SparsityReport.of(network).weights(),
          calculators.get().minimizeScore(),
          runs);
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      cancelled.set(true); // DL4J does not react to an interrupt
      executor.shutdownNow();
      awaitEnd(executor);
    }
  }

  /**
   * Runs that are going on end with their epoch, so that nothing is trained or written after that.
   */
  private static void awaitEnd(ExecutorService executor) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = executor.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static IOException rethrown(Throwable cause) throws IOException {
    if (cause instanceof IOException io) {
      return io;
    } else if (cause instanceof RuntimeException runtime) {
      throw runtime;
    } else if (cause instanceof Error error) {
      throw error;
    }
    return new IOException(cause);
  }

  private void tell(Run run, AtomicInteger done) {
    synchronized (listener) {
      listener.onRun(run, done.incrementAndGet(), settings.size() + 1);
    }
  }

  private void checkSettings(Model network) {
    NetworkParameters parameters = NetworkParameters.of(network);
    if (parameters.listeners().stream().anyMatch(PruningListener.class::isInstance)) {
      throw new IllegalStateException(
          "expected a network without a pruning listener, since each run has its own, but this one"
              + " has one");
    }
    for (Setting setting : settings) {
      setting.pruning().parameters().select(parameters.parameters(), parameters.layers());
      if (setting.pruning().pattern().coupled()) {
        CoupledPlanner.of(setting.pruning(), parameters, CoupledChannels.of(network));
      }
    }
  }

  private void warmUp(Model network, Supplier<? extends DataSetIterator> train, SweepStore store)
      throws IOException {
    TrainingData data = TrainingData.of(train.get());
    if (store.loadWarmUp(network)) {
      return;
    }
    for (int epoch = 0; epoch < denseEpochs; epoch++) {
      data.fitEpoch(network);
    }
    store.saveWarmUp(network);
  }

  private Run tried(
      int number,
      Model network,
      NetworkSnapshot start,
      RandomState random,
      Supplier<? extends DataSetIterator> train,
      AtomicBoolean cancelled) {
    Model copy;
    synchronized (network) {
      copy = NetworkMaker.copyOf(network);
    }
    start.restoreTo(copy);
    random.restore(); // of this thread
    Setting setting = number == 0 ? null : settings.get(number - 1);
    if (setting != null) {
      PruningListener.of(setting.pruning()).attachTo(copy);
      if (!Double.isNaN(setting.learningRate())) {
        NetworkStore.setLearningRate(copy, setting.learningRate());
      }
    }
    boolean diverged = !trained(number, copy, train, cancelled);
    SparsityReport report = SparsityReport.of(copy);
    @SuppressWarnings("unchecked") // a calculator for another kind of network says so when used
    ScoreCalculator<Model> calculator = (ScoreCalculator<Model>) calculators.get();
    double score = diverged ? Double.NaN : calculator.calculateScore(copy);
    return new Run(number, setting, report.nonZeros(), report.sparsity(), score);
  }

  /** Whether the network is one that can be scored. */
  private boolean trained(
      int number,
      Model network,
      Supplier<? extends DataSetIterator> train,
      AtomicBoolean cancelled) {
    TrainingData data = TrainingData.of(train.get());
    for (int epoch = 0; epoch < denseEpochs; epoch++) {
      data.reset(); // the batches that the dense epochs had
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
      if (cancelled.get()) {
        throw new CancellationException("another run of the sweep failed");
      }
      try {
        data.fitEpoch(network);
      } catch (IllegalStateException e) {
        // What the listener says of a mask update that cannot be made: one setting, not all.
        log.warn("Run {} failed: {}", number, e.getMessage());
        return false;
      }
    }
    return !NetworkParameters.of(network).weightsAreSuspect();
  }

  /** Collects the choices. */
  public static final class Builder {
    private List<Setting> settings = List.of();
    private int denseEpochs;
    private int epochs;
    private int threads = 1;
    private Supplier<? extends ScoreCalculator<?>> calculators;
    private Path directory;
    private String runName = "";
    private RunListener listener = (run, done, all) -> {};

    private Builder() {}

    /**
     * What to try.
     *
     * @param settings at least one, see {@link SweepSpace}
     * @return this builder
     */
    public Builder settings(List<Setting> settings) {
      this.settings = List.copyOf(settings);
      return this;
    }

    /**
     * Trains the network first, once for all settings.
     *
     * @param epochs 0 (unless set) for a network that is trained as far as it should be
     * @return this builder
     */
    public Builder denseEpochs(int epochs) {
      this.denseEpochs = epochs;
      return this;
    }

    /**
     * How long each setting is trained after that.
     *
     * @param epochs 1 or more
     * @return this builder
     */
    public Builder epochs(int epochs) {
      this.epochs = epochs;
      return this;
    }

    /**
     * Runs at the same time.
     *
     * @param threads 1 (unless set) or more; ND4J's own threads come on top of them
     * @return this builder
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
     * @return this builder
     */
    public Builder scoreCalculator(Supplier<? extends ScoreCalculator<?>> calculators) {
      this.calculators = calculators;
      return this;
    }

    /**
     * Where to save each run that is done, so that a sweep that was killed does not try it again.
     *
     * @param directory a folder for this sweep alone; nothing is saved unless set
     * @return this builder
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
     * @return this builder
     */
    public Builder runName(String name) {
      this.runName = name;
      return this;
    }

    /**
     * Who is told of each run.
     *
     * @param listener who wants to know
     * @return this builder
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
      require(calculators != null, "scoreCalculator", "set", null);
      require(listener != null, "the listener", "set", null);
      return new ScheduleSweep(this);
    }

    private static void require(boolean holds, String name, String rule, Object value) {
      if (!holds) {
        throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
      }
    }
  }
}
