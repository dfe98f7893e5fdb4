package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains the runs of a {@link ScheduleSweep} from the end of the dense epochs or from a rung. */
final class SweepTraining {

  private static final Logger log = LoggerFactory.getLogger(ScheduleSweep.class);

  private final Model network;
  private final Supplier<? extends DataSetIterator> train;
  private final int denseEpochs;
  private final NetworkSnapshot start;
  private final RandomState random;
  private final SweepPauses pauses;
  private volatile boolean cancelled;

  /**
   * The current state of a run.
   *
   * @param network the network
   * @param pruning its listener; empty for the run without pruning
   */
  record Trained(Model network, Optional<PruningListener> pruning) {}

  /**
   * The result of some epochs.
   *
   * @param trained the network after them
   * @param epochs the number of epochs since the dense epochs
   * @param diverged whether the network can no longer be scored
   */
  record Outcome(Trained trained, int epochs, boolean diverged) {}

  /**
   * Prepares training from the current state of a network.
   *
   * @param network a network after the dense epochs; it is not changed
   */
  SweepTraining(
      Model network,
      Supplier<? extends DataSetIterator> train,
      int denseEpochs,
      SweepPauses pauses) {
    this.network = network;
    this.train = train;
    this.denseEpochs = denseEpochs;
    this.start = NetworkSnapshot.of(network);
    this.random = RandomState.now();
    this.pauses = pauses;
  }

  /** Ends each running run after its current epoch. (DL4J does not react to an interrupt.) */
  void cancel() {
    cancelled = true;
  }

  /**
   * Trains a run.
   *
   * @param number the number of the run
   * @param setting empty for the run without pruning
   * @param from the number of epochs before it was paused; 0 to begin
   * @param to the number of epochs after which to stop
   */
  Outcome train(int number, Optional<Setting> setting, int from, int to) throws IOException {
    Trained run =
        from == 0 ? begun(setting) : pauses.resume(number, from, setting.orElseThrow(), this::copy);
    TrainingData data = TrainingData.of(train.get());
    for (int epoch = 0; epoch < denseEpochs + from; epoch++) {
      data.reset(); // skips the batches that were already used
    }
    for (int epoch = from; epoch < to; epoch++) {
      if (cancelled) {
        throw new CancellationException("another run of the sweep failed");
      }
      try {
        data.fitEpoch(run.network());
      } catch (IllegalStateException e) {
        // The listener could not update masks: this setting failed, but the others may not.
        log.warn("Run {} failed: {}", number, e.getMessage());
        return new Outcome(run, epoch + 1, true);
      }
    }
    return new Outcome(run, to, NetworkParameters.of(run.network()).weightsAreSuspect());
  }

  private Trained begun(Optional<Setting> setting) {
    Model copy = copy();
    start.restoreTo(copy);
    random.restore(); // per thread
    if (setting.isEmpty()) {
      return new Trained(copy, Optional.empty());
    }
    PruningListener pruning = PruningListener.of(setting.get().pruning());
    pruning.attachTo(copy);
    double rate = setting.get().learningRate();
    if (!Double.isNaN(rate)) {
      NetworkStore.setLearningRate(copy, rate);
    }
    return new Trained(copy, Optional.of(pruning));
  }

  private Model copy() {
    synchronized (network) {
      return NetworkMaker.copyOf(network);
    }
  }

  /** The score of a network. */
  static double score(Supplier<? extends ScoreCalculator<?>> calculators, Model network) {
    @SuppressWarnings("unchecked") // a calculator for another kind of network says so when used
    ScoreCalculator<Model> calculator = (ScoreCalculator<Model>) calculators.get();
    return calculator.calculateScore(network);
  }
}
