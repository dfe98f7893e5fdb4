package io.github.dl4jpruning.iterative;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.iterative.IterativeState.Ramp;
import io.github.dl4jpruning.iterative.IterativeState.Saved;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.IterativePruningListener.EpochDone;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.rounds.RoundTraining;
import io.github.dl4jpruning.rounds.ScoreRule;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of an {@link IterativePruner}: trains, scores, decides by the {@link RoundPlan}, and
 * saves its state at every point from which it can resume.
 */
final class IterativeRun {

  private static final Logger log = LoggerFactory.getLogger(IterativePruner.class);

  private final IterativeSettings settings;
  private final List<IterativePruningListener> listeners;
  private final RoundTraining training;
  private final Model network;
  private final TrainingData data;
  private final ScoreCalculator<Model> calculator;
  private final IterativeStore store;

  private IterativeState state = new IterativeState();

  /** Null while no listener is attached. */
  private @Nullable PruningListener pruning;

  IterativeRun(IterativeSettings settings, Model network, Object train) throws IOException {
    this.settings = settings;
    this.listeners = settings.rounds().listeners();
    this.network = network;
    NetworkParameters.of(network); // refuses a network that is not initialised
    this.data = TrainingData.of(train);
    this.calculator = settings.rounds().calculator();
    this.training =
        new RoundTraining(
            data,
            settings.rounds().distillation(),
            () -> settings.rounds().teacher().orElseGet(this::denseCopy));
    this.store = new IterativeStore(settings, network);
  }

  IterativePruningResult run() throws IOException {
    NetworkSnapshot before = NetworkSnapshot.of(network);
    try {
      return go();
    } catch (IOException | RuntimeException | Error e) {
      // Whatever happened, restore a good network, free for another attempt.
      detach();
      (state.kept == null ? before : state.kept.snapshot()).restoreTo(network);
      throw e;
    }
  }

  private IterativePruningResult go() throws IOException {
    if (settings.retraining() instanceof Retraining.LearningRateRewinding rewinding) {
      checkCanRewind(rewinding);
    }
    state = store.load(network);
    if (state.current == null) {
      begin();
    } else {
      for (int i = 0; i < state.resets; i++) {
        data.reset();
      }
      if (!Double.isNaN(state.denseScore)) {
        setFirstRate();
      }
      pruning = store.resume(state.current, network);
      log.info("Resumes after {} finished rounds.", state.rounds.size());
    }
    trainDense();
    if (state.stop != null) {
      return result(state.stop);
    }
    if (state.inRound) {
      decide(train());
    }
    RoundPlan.Stop stop = settings.plan().run(state.startSparsity, state.rounds, this::round);
    finish(stop);
    return result(stop);
  }

  private void checkCanRewind(Retraining.LearningRateRewinding rewinding) {
    int epochs = NetworkParameters.of(network).epoch() + settings.denseEpochs();
    if (rewinding.epoch() > epochs) {
      throw new IllegalArgumentException(
          "learningRateRewinding must go back to a trained epoch, but goes to epoch "
              + rewinding.epoch()
              + ", and the number of trained epochs is "
              + epochs);
    }
  }

  private void begin() throws IOException {
    PruningListener first = attach(Ramp.NONE);
    if (settings.denseEpochs() == 0) {
      first.adoptZeros(); // of a network that is already pruned
    } else {
      settings
          .rounds()
          .scoreDense(network); // refuse a network that cannot be scored before training it
    }
    state.startSparsity = first.sparsity();
    state.startIteration = NetworkParameters.of(network).iteration();
    settings.plan().check(state.startSparsity);
    state.current = save("dense-epoch-00");
    if (settings.retraining() instanceof Retraining.WeightRewinding rewinding
        && rewinding.epoch() == 0) {
      state.early = state.current;
    }
  }

  private void trainDense() throws IOException {
    if (state.denseEpochs < settings.denseEpochs()) {
      listeners.forEach(l -> l.onDenseStarted(state.denseEpochs, settings.denseEpochs()));
    }
    while (state.denseEpochs < settings.denseEpochs()) {
      state.resets++;
      data.fitEpoch(network);
      state.denseEpochs++;
      state.current = save(String.format(Locale.ROOT, "dense-epoch-%02d", state.denseEpochs));
      if (settings.retraining() instanceof Retraining.WeightRewinding rewinding
          && rewinding.epoch() == state.denseEpochs) {
        state.early = state.current;
      }
      store.write(state);
      listeners.forEach(l -> l.onDenseEpoch(state.denseEpochs, settings.denseEpochs()));
    }
    if (Double.isNaN(state.denseScore)) {
      state.denseScore = settings.rounds().scoreDense(network).dense();
      setFirstRate();
      state.current = save("dense");
      state.dense = state.current;
      state.kept = state.current;
      store.write(state);
    }
    listeners.forEach(l -> l.onDense(state.denseScore, state.startSparsity));
  }

  /**
   * If layers had several rates, setting one rate for all makes DL4J change the layout of the
   * updater state. So the rate is set before the first copy that a round may restore.
   */
  private void setFirstRate() {
    setRate(0);
  }

  private void setRate(int epoch) {
    if (settings.retraining() instanceof Retraining.FineTuning tuning) {
      tuning.rates().ifPresent(rates -> NetworkStore.setLearningRate(network, rates.at(epoch)));
    }
  }

  private void round(RoundPlan.Attempt attempt) throws IOException {
    prepare(attempt);
    decide(train());
  }

  private ScoreRule scores() {
    return new ScoreRule(state.denseScore, calculator.minimizeScore());
  }

  /** Restores the last good network, prunes it if rewinding needs that first, and attaches. */
  private void prepare(RoundPlan.Attempt attempt) throws IOException {
    state.lastGood().snapshot().restoreTo(network);
    List<Mask> masks = state.lastGood().masks();
    double before = RoundPlan.kept(state.startSparsity, state.rounds);
    if (settings.retraining() instanceof Retraining.WeightRewinding) {
      // The trained weights choose the masks; one step gives a criterion its gradient.
      Ramp atOnce = new Ramp(before, attempt.target(), 0, 0);
      PruningListener chooser = attach(atOnce);
      chooser.holdMasks(masks, before);
      state.resets++;
      data.fitFirstBatch(network);
      masks = chooser.masks();
      state.rewound().snapshot().restoreTo(network);
      attach(atOnce).holdMasks(masks, attempt.target());
      state.beginRound(atOnce, attempt.longer());
    } else {
      if (settings.retraining() instanceof Retraining.LearningRateRewinding rewinding) {
        NetworkSnapshot dense = state.trained().snapshot();
        int perEpoch = dense.epoch() == 0 ? 0 : dense.iteration() / dense.epoch();
        NetworkStore.setCounts(network, rewinding.epoch() * perEpoch, rewinding.epoch());
      }
      Ramp ramp = ramp(before, attempt.target());
      attach(ramp).holdMasks(masks, before);
      state.beginRound(ramp, attempt.longer());
    }
    state.current = save(fileName());
    store.write(state);
  }

  private Ramp ramp(double from, double to) {
    if (settings.rampEpochs() == 0) {
      return new Ramp(from, to, 0, 0);
    }
    int begin = NetworkParameters.of(network).iteration();
    return new Ramp(from, to, begin, begin + settings.rampEpochs() * iterationsPerEpoch() - 1);
  }

  /** Taken from the dense epochs if there were any, otherwise counted without training. */
  private int iterationsPerEpoch() {
    if (settings.denseEpochs() > 0) {
      return (state.trained().snapshot().iteration() - state.startIteration)
          / settings.denseEpochs();
    }
    state.resets++;
    return data.countIterations(network);
  }

  private int epochsOfRound() {
    return settings.rampEpochs() + settings.rounds().fineTuneEpochs() * state.longer;
  }

  private String fileName() {
    return String.format(
        Locale.ROOT, "round-%02d-epoch-%02d", state.rounds.size() + 1, state.epochs);
  }

  /** Trains the rest of a round; returns why it failed, if it did. */
  private Optional<String> train() throws IOException {
    int number = state.rounds.size() + 1;
    int all = epochsOfRound();
    double target = state.ramp.to();
    listeners.forEach(l -> l.onRoundStarted(number, target, state.epochs, all));
    while (state.epochs < all && state.sinceBest < settings.rounds().patience()) {
      Optional<String> failure = fitEpoch();
      state.epochs++;
      if (failure.isPresent()) {
        return failure;
      }
      double score = pruning().isAtTarget() ? calculator.calculateScore(network) : Double.NaN;
      state.current = save(fileName());
      if (pruning().isAtTarget()) {
        note(score);
      }
      store.write(state);
      EpochDone event =
          new EpochDone(
              number, target, state.epochs, all, pruning().sparsity(), score, remaining(all));
      listeners.forEach(l -> l.onEpoch(event));
    }
    return Optional.empty();
  }

  private void note(double score) {
    boolean better =
        Double.isFinite(score) && (state.best == null || scores().isBetter(score, state.bestScore));
    if (better) {
      state.best = state.current;
      state.bestScore = score;
      state.bestEpoch = state.epochs;
      state.bestSparsity = pruning().sparsity();
      state.sinceBest = 0;
    } else {
      state.sinceBest++;
    }
  }

  /** Trains one epoch; returns the reason if the network has diverged. */
  private Optional<String> fitEpoch() {
    setRate(state.epochs);
    state.resets++;
    return training.fitEpoch(network);
  }

  private Duration remaining(int all) {
    int rounds = settings.plan().roundsLeft(state.startSparsity, state.rounds) - 1;
    int perRound = settings.rampEpochs() + settings.rounds().fineTuneEpochs();
    return training.estimate(all - state.epochs + (long) rounds * perRound);
  }

  /** Accepts a round or takes it back. */
  private void decide(Optional<String> failure) throws IOException {
    double most = settings.rounds().maxScoreDrop();
    Saved best = state.best;
    boolean accepted = best != null && scores().accepts(state.bestScore, most);
    String note = note(failure, most);
    PruningRound round =
        new PruningRound(
            state.rounds.size() + 1,
            state.ramp.to(),
            best == null ? pruning().sparsity() : state.bestSparsity,
            state.bestScore,
            state.epochs,
            state.bestEpoch,
            accepted,
            note);
    state.rounds.add(round);
    if (best != null && accepted) {
      state.kept = best;
      if (best.file() != null) {
        state.acceptedFiles.add(best.file());
      }
    }
    state.inRound = false;
    state.best = null;
    state.current = state.kept;
    store.write(state);
    log.info(
        "Round {}, target {}: {}; {}",
        round.number(),
        round.target(),
        note,
        accepted ? "accepted" : "taken back");
    listeners.forEach(l -> l.onRound(round));
  }

  private String note(Optional<String> failure, double most) {
    if (state.best == null) {
      return failure
          .map(reason -> "training diverged: " + reason)
          .orElse("no epoch at the target had a finite score");
    }
    String allowed =
        most < Double.POSITIVE_INFINITY
            ? String.format(Locale.ROOT, ", at most %.4g is allowed", most)
            : "";
    return scores().describe(state.bestScore) + allowed;
  }

  private void finish(RoundPlan.Stop stop) throws IOException {
    state.lastGood().snapshot().restoreTo(network);
    attach(Ramp.NONE).holdMasks(state.lastGood().masks(), 0.0);
    state.stop = stop;
    state.current = save("pruned");
    store.write(state);
    log.info("{}", stop.reason());
  }

  private Model denseCopy() {
    Model copy = NetworkMaker.copyOf(network);
    state.trained().snapshot().copyParametersTo(copy);
    return copy;
  }

  private IterativePruningResult result(RoundPlan.Stop stop) {
    return new IterativePruningResult(
        network,
        pruning(),
        denseCopy(),
        state.denseScore,
        state.startSparsity,
        calculator.minimizeScore(),
        state.rounds,
        stop.complete(),
        stop.reason());
  }

  private PruningListener attach(Ramp ramp) {
    detach();
    PruningListener next = PruningListener.of(settings.along(ramp.schedule()));
    next.attachTo(network);
    pruning = next;
    return next;
  }

  private void detach() {
    if (pruning != null) {
      pruning.detach();
      pruning = null;
    }
  }

  private PruningListener pruning() {
    return Objects.requireNonNull(pruning, "a run attaches a listener before it trains");
  }

  private Saved save(String name) throws IOException {
    return store.save(network, pruning(), state.attachedRamp(), name);
  }
}
