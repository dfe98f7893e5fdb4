package io.github.dl4jpruning;

import io.github.dl4jpruning.IterativePruningListener.EpochDone;
import io.github.dl4jpruning.StructuredPruner.Cost;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.model.TrainingData;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a {@link StructuredPruner}. */
final class StructuredRun<M extends Model> {

  private static final Logger log = LoggerFactory.getLogger(StructuredPruner.class);

  /** Differences of scores like 0.95 − 0.945 come with an error of rounding. */
  private static final double ROUNDING = 1e-12;

  private final StructuredSettings settings;
  private final M network;
  private final TrainingData data;
  private final ScoreCalculator<Model> calculator;
  private final RoundPlan plan;
  private final ChannelChoice choice;

  private final List<PruningRound> rounds = new ArrayList<>();
  private final double denseScore;
  private final TrainingData taught;
  private final StructuredStore store;
  private long trainedNanos;
  private int trainedEpochs;

  /** The last good network. */
  private M good;

  /** What it cost when it was chosen. */
  private ChannelChoice.Costs goodCosts;

  /** Its file; empty if it has none. */
  private String goodFile = "";

  @SuppressWarnings("unchecked") // a calculator for another kind of network says so when it is used
  StructuredRun(StructuredSettings settings, M network, Object train) throws IOException {
    this.settings = settings;
    this.network = network;
    NetworkParameters.of(network); // refuses what is no initialised network
    this.data = TrainingData.of(train);
    this.calculator = (ScoreCalculator<Model>) settings.calculator();
    this.plan = new RoundPlan.Targets(settings.targets(), settings.retries());
    this.choice = new ChannelChoice(settings, network, data);
    this.denseScore = denseScore();
    this.taught =
        settings.distillation() == null
            ? data
            : data.taughtBy(
                NetworkMaker.copyOf(network),
                settings.distillation().weight(),
                settings.distillation().temperature());
    this.store =
        new StructuredStore(
            settings.directory(),
            settings.fingerprint() + "; batches " + data.countBatches(),
            network,
            denseScore);
  }

  private double denseScore() {
    String rule =
        "scoreCalculator must give a finite score for the dense network (is the validation set"
            + " empty?), but ";
    double score;
    try {
      score = calculator.calculateScore(network);
    } catch (RuntimeException e) { // whatever a calculator throws
      throw new IllegalArgumentException(rule + "it failed: " + e.getMessage(), e);
    }
    if (!Double.isFinite(score)) {
      throw new IllegalArgumentException(rule + "it is " + score);
    }
    return score;
  }

  StructuredPruningResult<M> run() throws IOException {
    choice.checkCanBeMet(1.0 - settings.targets().get(settings.targets().size() - 1));
    good = NetworkShrinker.shrink(network); // a copy, and what is dead already costs nothing
    goodCosts = choice.costs(good);
    // A time that is measured is not the same twice, and says nothing of so little.
    double start = settings.cost() == Cost.LATENCY ? 0.0 : goodCosts.gone();
    settings.listeners().forEach(l -> l.onDense(denseScore, start));
    Optional<StructuredStore.Saved> saved = store.load();
    if (saved.isPresent()) {
      resume(saved.get());
    }
    while (true) {
      RoundPlan.Next next = plan.next(start, rounds);
      if (next instanceof RoundPlan.Stop stop) {
        return result(stop);
      }
      round((RoundPlan.Attempt) next);
      store.write(
          new StructuredStore.Saved(
              rounds, resets(), RandomState.now(), goodFile, goodCosts.latency()));
    }
  }

  @SuppressWarnings("unchecked") // the kind of network that was given
  private void resume(StructuredStore.Saved saved) throws IOException {
    rounds.addAll(saved.rounds());
    goodFile = saved.good();
    if (!goodFile.isEmpty()) {
      good = (M) store.read(goodFile, NetworkStore.isGraph(network));
    }
    goodCosts = saved.latency().map(ChannelChoice.Costs::of).orElseGet(() -> choice.costs(good));
    while (resets() < saved.resets()) {
      data.reset(); // so that its order is what it would have been
    }
    saved.random().restore();
    log.info("Goes on with {} rounds done.", rounds.size());
  }

  private int resets() {
    return data.resets() + (taught == data ? 0 : taught.resets());
  }

  private void round(RoundPlan.Attempt attempt) throws IOException {
    int number = rounds.size() + 1;
    int epochs = settings.fineTuneEpochs() * attempt.longer();
    settings.listeners().forEach(l -> l.onRoundStarted(number, attempt.target(), 0, epochs));
    Optional<ChannelChoice.Choice<M>> chosen = choice.smaller(good, 1.0 - attempt.target());
    if (chosen.isEmpty()) {
      String note = "no network was found whose " + settings.cost() + " is that low";
      note(
          new PruningRound(
              number, attempt.target(), goodCosts.gone(), Double.NaN, 0, 0, false, note));
      return;
    }
    M smaller = chosen.get().network();
    double gone = chosen.get().costs().gone();
    NetworkSnapshot best = null;
    double bestScore = Double.NaN;
    int bestEpoch = 0;
    int epoch = 0;
    String failure = null;
    while (epoch < epochs && epoch - bestEpoch < settings.patience() && failure == null) {
      failure = fitEpoch(smaller);
      epoch++;
      double score = failure == null ? calculator.calculateScore(smaller) : Double.NaN;
      if (Double.isFinite(score) && (best == null || isBetter(score, bestScore))) {
        best = NetworkSnapshot.of(smaller);
        bestScore = score;
        bestEpoch = epoch;
      }
      EpochDone event =
          new EpochDone(
              number, attempt.target(), epoch, epochs, gone, score, remaining(epochs - epoch));
      settings.listeners().forEach(l -> l.onEpoch(event));
    }
    if (best != null) {
      best.restoreTo(smaller);
    }
    decide(attempt, chosen.get(), bestScore, epoch, bestEpoch, failure);
  }

  private boolean isBetter(double score, double than) {
    return calculator.minimizeScore() ? score < than : score > than;
  }

  private String fitEpoch(M smaller) {
    long start = System.nanoTime();
    taught.fitEpoch(smaller);
    trainedNanos += System.nanoTime() - start;
    trainedEpochs++;
    NetworkParameters parameters = NetworkParameters.of(smaller);
    return parameters.weightsAreSuspect() ? parameters.firstNotFinite().orElse(null) : null;
  }

  private Duration remaining(int epochs) {
    int later = Math.max(0, settings.targets().size() - rounds.size() - 1);
    long all = epochs + (long) later * settings.fineTuneEpochs();
    return Duration.ofNanos(trainedNanos / trainedEpochs * all);
  }

  private void decide(
      RoundPlan.Attempt attempt,
      ChannelChoice.Choice<M> chosen,
      double score,
      int epochs,
      int bestEpoch,
      String failure)
      throws IOException {
    double drop = calculator.minimizeScore() ? score - denseScore : denseScore - score;
    boolean accepted = bestEpoch > 0 && drop <= settings.maxScoreDrop() + ROUNDING;
    String note =
        bestEpoch == 0
            ? failure == null ? "no epoch had a finite score" : "training diverged: " + failure
            : String.format(
                Locale.ROOT,
                "score %.6g, %.4g %s than that of the dense network",
                score,
                Math.abs(drop),
                drop > 0.0 ? "worse" : "better");
    PruningRound round =
        new PruningRound(
            rounds.size() + 1,
            attempt.target(),
            chosen.costs().gone(),
            score,
            epochs,
            bestEpoch,
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
    settings.listeners().forEach(l -> l.onRound(round));
  }

  private StructuredPruningResult<M> result(RoundPlan.Stop stop) {
    String left = Percent.brief(1.0 - goodCosts.gone()) + " of its " + settings.cost();
    String reason =
        stop.complete()
            ? "The target was reached: the network has " + left + "."
            : rounds.get(rounds.size() - 1).note()
                + " (allowed are "
                + settings.maxScoreDrop()
                + "). The network has "
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
        denseScore,
        calculator.minimizeScore(),
        rounds,
        stop.complete(),
        reason);
  }
}
