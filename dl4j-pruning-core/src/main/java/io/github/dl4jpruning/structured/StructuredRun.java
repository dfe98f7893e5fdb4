package io.github.dl4jpruning.structured;

import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.IterativePruningListener.EpochDone;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.rounds.RoundTraining;
import io.github.dl4jpruning.rounds.ScoreRule;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a {@link StructuredPruner}. */
final class StructuredRun<M extends Model> {

  private static final Logger log = LoggerFactory.getLogger(StructuredPruner.class);

  private final StructuredSettings settings;
  private final M network;
  private final TrainingData data;
  private final ScoreCalculator<Model> calculator;
  private final RoundPlan plan;
  private final ChannelChoice choice;

  private final List<PruningRound> rounds = new ArrayList<>();
  private final List<IterativePruningListener> listeners;
  private final ScoreRule scores;
  private final RoundTraining training;
  private final StructuredStore store;

  /** The last good network. */
  private M good;

  /** The costs of the last good network when it was chosen. */
  private ChannelChoice.Costs goodCosts;

  /** Its file; empty if it has none. */
  private String goodFile = "";

  StructuredRun(StructuredSettings settings, M network, Object train) throws IOException {
    this.settings = settings;
    this.network = network;
    NetworkParameters.of(network); // refuses a network that is not initialised
    this.data = TrainingData.of(train);
    this.listeners = settings.rounds().listeners();
    this.calculator = settings.rounds().calculator();
    this.plan = new RoundPlan.Targets(settings.targets(), settings.rounds().retries());
    this.choice = new ChannelChoice(settings, network, data);
    this.scores = settings.rounds().scoreDense(network);
    Optional<Model> teacher =
        settings
            .rounds()
            .distillation()
            .map(part -> settings.rounds().teacher().orElseGet(() -> NetworkMaker.copyOf(network)));
    this.training = new RoundTraining(data, settings.rounds().distillation(), teacher::orElseThrow);
    this.store =
        new StructuredStore(
            settings.rounds().directory(),
            settings.fingerprint() + "; batches " + data.countBatches(),
            network,
            scores.dense());
    choice.checkCanBeMet(1.0 - settings.targets().get(settings.targets().size() - 1));
    this.good = NetworkShrinker.shrink(network); // a copy without dead units, which cost nothing
    this.goodCosts = choice.costs(good);
  }

  StructuredPruningResult<M> run() throws IOException {
    // Measured times vary too much to show such a small difference.
    double start = settings.cost() == Cost.LATENCY ? 0.0 : goodCosts.gone();
    listeners.forEach(l -> l.onDense(scores.dense(), start));
    Optional<StructuredStore.Saved> saved = store.load();
    if (saved.isPresent()) {
      resume(saved.get());
    }
    return result(plan.run(start, rounds, this::round));
  }

  @SuppressWarnings("unchecked") // the kind of network that was given
  private void resume(StructuredStore.Saved saved) throws IOException {
    rounds.addAll(saved.rounds());
    goodFile = saved.good();
    if (!goodFile.isEmpty()) {
      good = (M) store.read(goodFile, NetworkStore.isGraph(network));
    }
    goodCosts = saved.latency().map(ChannelChoice.Costs::of).orElseGet(() -> choice.costs(good));
    while (training.resets() < saved.resets()) {
      data.reset(); // so that its order is the same as without the interruption
    }
    saved.random().restore();
    log.info("Resumes after {} finished rounds.", rounds.size());
  }

  private void round(RoundPlan.Attempt attempt) throws IOException {
    int number = rounds.size() + 1;
    int epochs = settings.rounds().fineTuneEpochs() * attempt.longer();
    listeners.forEach(l -> l.onRoundStarted(number, attempt.target(), 0, epochs));
    Optional<ChannelChoice.Choice<M>> chosen = choice.smaller(good, 1.0 - attempt.target());
    if (chosen.isPresent()) {
      decide(attempt, chosen.get(), train(attempt, chosen.get(), epochs));
    } else {
      String note = "no network was found with " + settings.cost() + " that low";
      note(
          new PruningRound(
              number, attempt.target(), goodCosts.gone(), Double.NaN, 0, 0, false, note));
    }
    store.write(
        new StructuredStore.Saved(
            rounds, training.resets(), RandomState.now(), goodFile, goodCosts.latency()));
  }

  /**
   * The result of the epochs of a round.
   *
   * @param score the best score; NaN if there is none
   * @param epochs the number of trained epochs
   * @param best the epoch of the best score, from 1; 0 if there is none
   * @param failure why the network diverged, if it did
   */
  private record Trained(double score, int epochs, int best, Optional<String> failure) {}

  /** Trains a smaller network, and restores its best epoch. */
  private Trained train(RoundPlan.Attempt attempt, ChannelChoice.Choice<M> chosen, int epochs) {
    M smaller = chosen.network();
    NetworkSnapshot best = null;
    double bestScore = Double.NaN;
    int bestEpoch = 0;
    int epoch = 0;
    Optional<String> failure = Optional.empty();
    while (epoch < epochs
        && epoch - bestEpoch < settings.rounds().patience()
        && failure.isEmpty()) {
      failure = training.fitEpoch(smaller);
      epoch++;
      double score = failure.isEmpty() ? calculator.calculateScore(smaller) : Double.NaN;
      if (Double.isFinite(score) && (best == null || scores.isBetter(score, bestScore))) {
        best = NetworkSnapshot.of(smaller);
        bestScore = score;
        bestEpoch = epoch;
      }
      EpochDone event =
          new EpochDone(
              rounds.size() + 1,
              attempt.target(),
              epoch,
              epochs,
              chosen.costs().gone(),
              score,
              remaining(epochs - epoch));
      listeners.forEach(l -> l.onEpoch(event));
    }
    if (best != null) {
      best.restoreTo(smaller);
    }
    return new Trained(bestScore, epoch, bestEpoch, failure);
  }

  private Duration remaining(int epochs) {
    int later = Math.max(0, settings.targets().size() - rounds.size() - 1);
    return training.estimate(epochs + (long) later * settings.rounds().fineTuneEpochs());
  }

  private void decide(RoundPlan.Attempt attempt, ChannelChoice.Choice<M> chosen, Trained trained)
      throws IOException {
    boolean accepted =
        trained.best() > 0 && scores.accepts(trained.score(), settings.rounds().maxScoreDrop());
    String note =
        trained.best() > 0
            ? scores.describe(trained.score())
            : trained
                .failure()
                .map(reason -> "training diverged: " + reason)
                .orElse("no epoch had a finite score");
    PruningRound round =
        new PruningRound(
            rounds.size() + 1,
            attempt.target(),
            chosen.costs().gone(),
            trained.score(),
            trained.epochs(),
            trained.best(),
            accepted,
            note);
    if (accepted) {
      good = chosen.network();
      goodCosts = chosen.costs();
      goodFile = store.save(good, round.number());
    }
    note(round);
  }

  private void note(PruningRound round) {
    rounds.add(round);
    log.info(
        "Round {}, {} to {}: {}; {}",
        round.number(),
        settings.cost(),
        Percent.brief(1.0 - round.target()),
        round.note(),
        round.accepted() ? "accepted" : "taken back");
    listeners.forEach(l -> l.onRound(round));
  }

  private StructuredPruningResult<M> result(RoundPlan.Stop stop) {
    String left = Percent.brief(1.0 - goodCosts.gone()) + " of its " + settings.cost();
    String reason =
        stop.complete()
            ? "The target was reached: the network has " + left + "."
            : rounds.get(rounds.size() - 1).note()
                + " (at most "
                + settings.rounds().maxScoreDrop()
                + " is allowed). The network has "
                + left
                + ", the last that was good enough.";
    log.info("{}", reason);
    return new StructuredPruningResult<>(
        good,
        settings.cost(),
        goodCosts.dense(),
        goodCosts.own(),
        goodCosts.latency(),
        network.numParams(),
        good.numParams(),
        scores.dense(),
        calculator.minimizeScore(),
        rounds,
        stop.complete(),
        reason);
  }
}
