package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.TrainingRequirements;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.spark.SparkCheckpoints.Position;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training of {@link SparkPruning}, on the driver. */
final class SparkRun {

  private static final Logger log = LoggerFactory.getLogger(SparkRun.class);

  /** Who follows the training. */
  record Listeners(List<PruningEventListener> events, List<RoundListener> rounds) {
    Listeners {
      events = List.copyOf(events);
      rounds = List.copyOf(rounds);
    }
  }

  private final PruningConfig config;
  private final Listeners listeners;
  private final Optional<String> checkpoints;
  private final Optional<Long> seed;
  private final SparkTarget target;
  private final MasterSettings master;

  SparkRun(
      PruningConfig config,
      Listeners listeners,
      Optional<String> checkpoints,
      Optional<Long> seed,
      SparkTarget target,
      MasterSettings master) {
    this.config = config;
    this.listeners = listeners;
    this.checkpoints = checkpoints;
    this.seed = seed;
    this.target = target;
    this.master = master;
  }

  /** Checks what only one machine can do. */
  static void checkConfig(PruningConfig config) {
    if (config.rule() instanceof MaskRule.HardThresholding) {
      throw new IllegalArgumentException(
          "hardThresholding chooses the weights anew after every step, but on Spark masks change"
              + " between rounds; use monotone, regrow, rigl or set");
    }
    if (config.criterion().remembers().contains(Memory.SQUARED_INPUTS)
        || config.criterion().remembers().contains(Memory.SQUARED_GRADIENTS)) {
      throw new IllegalArgumentException(
          "criterion ("
              + config.criterion()
              + ") looks at the inputs or the gradients of each batch, which only the workers see;"
              + " choose another one");
    }
  }

  /**
   * Trains.
   *
   * @param data all data of an epoch
   * @param form makes the data of a round from a part of it
   * @param epochs the number of epochs
   */
  <T> PruningListener train(JavaRDD<T> data, Function<JavaRDD<T>, RoundData> form, int epochs)
      throws IOException {
    if (data == null || epochs < 1) {
      throw new IllegalArgumentException(
          "data must be set and epochs be 1 or more, but they are " + data + " and " + epochs);
    }
    // The network is looked at before anything runs on the cluster.
    NetworkParameters given = NetworkParameters.of(target.network());
    new TrainingRequirements(given).checkOneIterationPerBatch();
    master.checkTakes(form.apply(data));
    PruningListener pruning = attached();
    boolean trained = false;
    try {
      WorkerCheck.run(target.context(), master.workers(target));
      try (TrainingRounds<T> rounds =
          TrainingRounds.of(data, master.objectsPerRound(target), master.workers(target), seed)) {
        Optional<SparkCheckpoints> saved = openCheckpoints(rounds);
        Position start =
            saved.isPresent() ? resume(saved.get(), pruning) : new Position(0, 0, rounds.count());
        trainRounds(pruning, rounds, form, saved, start, epochs);
      }
      trained = true;
    } finally { // Spark throws checked exceptions that it does not declare
      if (!trained) {
        pruning.detach();
      }
    }
    pruning.finish();
    return pruning;
  }

  private PruningListener attached() {
    PruningListener pruning = PruningListener.of(config);
    listeners.events().forEach(pruning::addEventListener);
    pruning.attachTo(target.network());
    return pruning;
  }

  private Optional<SparkCheckpoints> openCheckpoints(TrainingRounds<?> rounds) throws IOException {
    if (checkpoints.isEmpty()) {
      return Optional.empty();
    }
    SparkCheckpoints saved =
        new SparkCheckpoints(checkpoints.get(), target.context().hadoopConfiguration());
    saved.requireSameJob(
        rounds
            + "\nbatch size: "
            + master.batchSize()
            + "\naveraging frequency: "
            + master.averagingFrequency()
            + "\nsave updater: "
            + master.savesUpdater()
            + "\npruning: "
            + config.fingerprint().toString().replaceAll("\\s+", " ")
            + "\nnetwork: "
            + target.configuration().replaceAll("\\s+", " "));
    return Optional.of(saved);
  }

  /** Sets the given network to what was saved last, if anything was, and tells where that is. */
  private Position resume(SparkCheckpoints saved, PruningListener pruning) throws IOException {
    List<Position> positions = saved.positions();
    for (int i = 0; i < positions.size(); i++) {
      try {
        PruningListener of = PruningListener.of(config);
        NetworkSnapshot.of(saved.load(positions.get(i), of)).restoreTo(target.network());
        ByteArrayOutputStream state = new ByteArrayOutputStream();
        of.writeState(state);
        pruning.readState(new ByteArrayInputStream(state.toByteArray()));
        log.info(
            "Resumed at epoch {}, round {} of {}.",
            positions.get(i).epoch(),
            positions.get(i).round(),
            positions.get(i).rounds());
        return positions.get(i);
      } catch (IOException e) {
        if (i + 1 == positions.size()) {
          throw e;
        }
        log.warn("The last checkpoint cannot be read, so the one before is used: {}", e.toString());
      }
    }
    return new Position(0, 0, 0);
  }

  private <T> void trainRounds(
      PruningListener pruning,
      TrainingRounds<T> rounds,
      Function<JavaRDD<T>, RoundData> form,
      Optional<SparkCheckpoints> saved,
      Position start,
      int epochs)
      throws IOException {
    List<String> names = pruning.state().tensors().stream().map(tensor -> tensor.name()).toList();
    target.gradient();
    try (MaskShipment shipment = new MaskShipment(target.context(), names)) {
      for (Position at = start; at.epoch() < epochs; ) {
        trainRound(pruning, shipment, form.apply(rounds.of(at.epoch(), at.round())));
        boolean lastOfEpoch = at.round() + 1 == rounds.count();
        if (lastOfEpoch) {
          pruning.onEpochEnd(target.network());
          target.countEpoch();
        }
        Position next =
            lastOfEpoch
                ? new Position(at.epoch() + 1, 0, rounds.count())
                : new Position(at.epoch(), at.round() + 1, rounds.count());
        if (saved.isPresent()) {
          saved.get().save(target.network(), pruning, next);
        }
        tell(pruning, at, rounds.count());
        at = next;
      }
    }
  }

  private void trainRound(PruningListener pruning, MaskShipment shipment, RoundData data) {
    boolean due = pruning.isDue(target.network(), master.averagingFrequency());
    GradientJob.Need need = GradientJob.need(config);
    if (need == GradientJob.Need.ALWAYS || (need == GradientJob.Need.AT_UPDATES && due)) {
      new GradientJob(master.batchSize(), master.master().getAggregationDepth()).run(target, data);
    }
    beginRound(pruning, due);
    NetworkParameters driver = NetworkParameters.of(target.network());
    int iteration = driver.iteration();
    train(shipment.ship(pruning.masks(), iteration, driver.epoch()), data);
    requireOneAverage(driver.iteration() - iteration);
    pruning.afterRound(target.network());
  }

  private void tell(PruningListener pruning, Position at, int rounds) {
    RoundListener.Round done =
        new RoundListener.Round(
            at.epoch(),
            at.round(),
            rounds,
            NetworkParameters.of(target.network()).iteration(),
            pruning.sparsity(),
            target.score());
    listeners.rounds().forEach(listener -> listener.onRoundDone(done));
  }

  /**
   * Makes new masks. The workers begin with the weights from before: as on one machine, new masks
   * come after the gradient of the first batch.
   */
  private void beginRound(PruningListener pruning, boolean due) {
    Optional<NetworkSnapshot> before =
        due ? Optional.of(NetworkSnapshot.of(target.network())) : Optional.empty();
    pruning.beforeRound(target.network(), master.averagingFrequency());
    before.ifPresent(snapshot -> snapshot.restoreTo(target.network()));
  }

  /** A round that DL4J has cut again would count more, and its masks would come too late. */
  private void requireOneAverage(int iterations) {
    if (iterations != master.averagingFrequency()) {
      throw new IllegalStateException(
          "expected a round of "
              + master.averagingFrequency()
              + " iterations, but DL4J has counted "
              + iterations
              + ": does each object of the data have the number of examples that the master was"
              + " given (rddDataSetNumExamples)?");
    }
  }

  private void train(MaskingHook hook, RoundData data) {
    master.master().addHook(hook);
    try {
      target.train(master.master(), data);
    } finally {
      master.master().removeHook(hook);
      data.rdd().unpersist(false);
    }
  }
}
