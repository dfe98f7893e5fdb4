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
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.api.Model;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training of {@link SparkPruning}, on the driver. */
final class SparkRun {

  private static final Logger log = LoggerFactory.getLogger(SparkRun.class);

  private final PruningConfig config;
  private final List<PruningEventListener> listeners;
  private final Optional<String> checkpoints;
  private final Optional<Long> seed;
  private final SparkTarget target;
  private final MasterSettings master;

  SparkRun(
      PruningConfig config,
      List<PruningEventListener> listeners,
      Optional<String> checkpoints,
      Optional<Long> seed,
      SparkTarget target,
      MasterSettings master) {
    this.config = config;
    this.listeners = List.copyOf(listeners);
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
    PruningListener pruning = attached();
    boolean trained = false;
    try {
      WorkerCheck.run(target.context(), master.workers(target));
      try (TrainingRounds<T> rounds =
          TrainingRounds.of(data, master.objectsPerRound(target), seed)) {
        Optional<SparkCheckpoints> saved = openCheckpoints();
        Optional<Position> last = saved.isPresent() ? saved.get().last() : Optional.empty();
        if (last.isPresent()) {
          pruning = resumed(saved.get(), last.get(), rounds.count(), pruning);
        }
        trainRounds(pruning, rounds, form, saved, last.orElse(new Position(0, 0, 0)), epochs);
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
    listeners.forEach(pruning::addEventListener);
    pruning.attachTo(target.network());
    return pruning;
  }

  private Optional<SparkCheckpoints> openCheckpoints() throws IOException {
    return checkpoints.isPresent()
        ? Optional.of(
            new SparkCheckpoints(checkpoints.get(), target.context().hadoopConfiguration()))
        : Optional.empty();
  }

  private PruningListener resumed(
      SparkCheckpoints saved, Position position, int rounds, PruningListener fresh)
      throws IOException {
    if (position.rounds() != rounds) {
      throw new IllegalArgumentException(
          "expected the data and the settings of the job that was interrupted, with "
              + position.rounds()
              + " rounds in an epoch, but found "
              + rounds);
    }
    PruningListener pruning = PruningListener.of(config);
    listeners.forEach(pruning::addEventListener);
    Model loaded = saved.load(position, pruning);
    fresh.detach();
    target.setNetwork(loaded);
    log.info("Resumed at epoch {}, round {} of {}.", position.epoch(), position.round(), rounds);
    return pruning;
  }

  private <T> void trainRounds(
      PruningListener pruning,
      TrainingRounds<T> rounds,
      Function<JavaRDD<T>, RoundData> form,
      Optional<SparkCheckpoints> saved,
      Position start,
      int epochs)
      throws IOException {
    GradientJob.Need need = GradientJob.need(config);
    GradientJob gradients =
        new GradientJob(
            master.workers(target), master.batchSize(), master.master().getAggregationDepth());
    List<String> names = pruning.state().tensors().stream().map(tensor -> tensor.name()).toList();
    target.gradient();
    try (MaskShipment shipment = new MaskShipment(target.context(), names)) {
      for (int epoch = start.epoch(); epoch < epochs; epoch++) {
        int first = epoch == start.epoch() ? start.round() : 0;
        for (int round = first; round < rounds.count(); round++) {
          RoundData data = form.apply(rounds.of(epoch, round));
          boolean due = pruning.isDue(target.network(), master.averagingFrequency());
          if (need == GradientJob.Need.ALWAYS || (need == GradientJob.Need.AT_UPDATES && due)) {
            gradients.run(target, data);
          }
          beginRound(pruning, due);
          int iteration = NetworkParameters.of(target.network()).iteration();
          train(shipment.ship(pruning.masks(), iteration), data);
          pruning.afterRound(target.network());
          boolean lastOfEpoch = round + 1 == rounds.count();
          if (lastOfEpoch) {
            pruning.onEpochEnd(target.network());
            target.countEpoch();
          }
          Position next =
              lastOfEpoch
                  ? new Position(epoch + 1, 0, rounds.count())
                  : new Position(epoch, round + 1, rounds.count());
          if (saved.isPresent()) {
            saved.get().save(target.network(), pruning, next);
          }
        }
      }
    }
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
