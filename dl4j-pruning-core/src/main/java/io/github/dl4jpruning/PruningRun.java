package io.github.dl4jpruning;

import io.github.dl4jpruning.PruningEventListener.MasksUpdated;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningState.Origin;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.TrainingRequirements;
import io.github.dl4jpruning.plan.CriterionMemory;
import io.github.dl4jpruning.plan.Planner;
import io.github.dl4jpruning.recipe.Fingerprint;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.watch.DivergenceWatch;
import io.github.dl4jpruning.watch.MovedWeights;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes one network: decides when masks change, and applies them in between. Everything that can
 * fail is computed before anything is written.
 */
final class PruningRun {

  private static final Logger log = LoggerFactory.getLogger(PruningRun.class);

  /** Iterations between two checks of all weights. */
  private static final int LOOK_EVERY = 100;

  private final PruningConfig config;
  private final NetworkParameters network;
  private final List<PrunableParameter> selected;
  private final Planner planner;
  private final CriterionMemory memory;
  private final MaskWriter writer;
  private final boolean thresholdsEveryStep;
  private final PruningProgress progress;
  private final DivergenceWatch divergence;
  private final MovedWeights moved;
  // Read by other threads where replicas of the network are trained in parallel.
  private volatile List<Mask> masks;

  /** The sparsity of the masks; cached because it is read more often than it changes. */
  private volatile double sparsity;

  /** The value of the schedule that the masks were made for. */
  private volatile double scheduled;

  /** The last finished iteration, or -1. */
  private int lastDone = -1;

  /** Iteration and epoch 0 of the schedule. */
  private Origin origin;

  /**
   * The sparsity that a run had when it resumed or was given masks: while the schedule is below it,
   * nothing is due.
   */
  private double floor;

  /** Whether a step was done, or masks were given or resumed. */
  private boolean begun;

  PruningRun(PruningConfig config, PruningProgress progress, Model model) {
    this.config = config;
    this.progress = progress;
    this.network = NetworkParameters.of(model);
    TrainingRequirements required = new TrainingRequirements(network);
    required.checkTrainedBySgd();
    this.planner = Planner.of(config.choices(), network);
    this.selected = planner.selected();
    required.checkConstraintsKeepZeros(selected);
    this.memory = new CriterionMemory(config.criterion(), network, selected);
    hold(selected.stream().map(p -> Mask.dense(p.length())).toList());
    this.writer = new MaskWriter(network, selected);
    this.thresholdsEveryStep = config.rule() instanceof MaskRule.HardThresholding;
    this.divergence = new DivergenceWatch(network);
    this.moved = new MovedWeights(network, selected, writer);
    this.origin = config.timing().countFrom() == CountFrom.ATTACHMENT ? now() : Origin.START;
    progress.countsFrom(origin);
  }

  private Origin now() {
    return new Origin(network.iteration(), network.epoch());
  }

  boolean isOf(Model model) {
    return network.isOf(model);
  }

  Model model() {
    return network.model();
  }

  List<TrainingListener> listeners() {
    return network.listeners();
  }

  int iterations() {
    return network.iteration();
  }

  private void hold(List<Mask> next) {
    masks = List.copyOf(next);
    sparsity = planner.sparsity(masks);
  }

  /** Returns the present masks, one per selected parameter. */
  List<Mask> masks() {
    return masks;
  }

  /**
   * Returns the fraction of the selected weights that are removed and zero, measured in the
   * network; the fraction of channels, if the pattern couples them.
   */
  double sparsity() {
    return moved.count() == 0 ? sparsity : planner.sparsity(moved.zeros(masks));
  }

  /** Called when the gradient is computed, while the inputs of the layers are still in place. */
  void backwardPass() {
    memory.backwardPass();
  }

  /**
   * Called when the raw gradient is available, before any parameter is updated.
   *
   * @param iterations how many iterations follow before the next call
   */
  void beforeStep(int iterations) {
    int iteration = network.iteration() - origin.iteration();
    int epoch = network.epoch() - origin.epoch();
    boolean look = network.iteration() % LOOK_EVERY < iterations;
    divergence.look(network.iteration(), look);
    noticeGap(network.iteration());
    if (look) {
      moved.restoreInTraining("At iteration " + network.iteration());
    }
    memory.observe();
    if (!begun) {
      begun = true;
      progress.firstStep(iteration, epoch);
    }
    boolean due = isDue(iteration, epoch, iterations);
    if (due || config.exchanges(scheduled, iteration, iterations)) {
      replaceMasks(
          due ? config.target(scheduled, iteration, epoch) : scheduled, iteration, due, true);
      memory.updateDone();
    }
    if (!thresholdsEveryStep) {
      writer.maskGradient();
    }
  }

  private boolean isDue(int iteration, int epoch, int iterations) {
    return !(config.timing().sparsityAt(iteration, epoch) < floor)
        && config.timing().isDue(scheduled, iteration, epoch, iterations);
  }

  boolean changesAfterStep() {
    return thresholdsEveryStep;
  }

  /** Returns whether masks will change in {@link #beforeStep}. */
  boolean changesMasks(int iterations) {
    int iteration = network.iteration() - origin.iteration();
    int epoch = network.epoch() - origin.epoch();
    return isDue(iteration, epoch, iterations)
        || config.exchanges(scheduled, iteration, iterations);
  }

  /** Removed weights may have moved in steps without this listener. */
  private void noticeGap(int iteration) {
    if (lastDone >= 0 && iteration != lastDone + 1 && sparsity > 0.0) {
      if (iteration > lastDone + 1) {
        log.warn(
            "Iterations {} to {} were trained without the pruning listener (it was taken out of the"
                + " network's listeners, or replaced by setListeners). Removed weights that moved"
                + " meanwhile are set to zero again.",
            lastDone + 1,
            iteration - 1);
      }
      writer.restore();
    }
  }

  /** Applies the masks again, whatever happened to the network in between. */
  void restore() {
    writer.restore();
  }

  /** Called after the optimizer has changed the parameters. */
  void afterStep(int iteration) {
    lastDone = iteration;
    if (thresholdsEveryStep && scheduled > 0.0) {
      replaceMasks(scheduled, iteration - origin.iteration(), true, false);
      writer.zeroRemoved();
    } else {
      writer.maskAfterStep();
    }
  }

  /** Called after a round of iterations without this listener, in copies that hold the masks. */
  void afterRound() {
    lastDone = network.iteration() - 1;
    writer.afterRound();
  }

  /**
   * Computes new masks and applies them.
   *
   * @param target the sparsity of the new masks
   * @param count whether each tensor gets a new number of weights; if not, weights are exchanged
   * @param tell whether to send an event; hard thresholding sends none after each step
   */
  private void replaceMasks(double target, int iteration, boolean count, boolean tell) {
    List<Mask> next;
    try {
      Optional<Due> due =
          count ? Optional.of(new Due(target, config.timing().progress(target))) : Optional.empty();
      boolean scales = config.pattern().needsOutputScales();
      next = planner.plan(memory.views(masks, iteration, scales), due, iteration);
      memory.checkUnread();
      writer.replaceMasks(next);
    } catch (RuntimeException failure) { // a user's criterion or distribution may throw anything
      RuntimeException e = memory.causeOf(failure);
      throw new IllegalStateException(
          "mask update at iteration "
              + network.iteration()
              + " refused, no mask was changed: "
              + (e.getMessage() == null ? e : e.getMessage()),
          e);
    }
    List<Mask> before = masks;
    hold(next);
    scheduled = target;
    if (tell) {
      progress.masksUpdated(
          MasksUpdated.between(selected, before, masks, now(), scheduled, sparsity));
    }
  }

  /**
   * Returns whether the masks are at the schedule's highest sparsity and all removed weights are
   * zero.
   */
  boolean isAtTarget() {
    int iteration = network.iteration() - origin.iteration();
    int epoch = network.epoch() - origin.epoch();
    return progress.isTarget(scheduled, iteration, epoch) && moved.count() == 0;
  }

  void epochDone() {
    divergence.look(lastDone, true);
    // DL4J increments the epoch after it has notified its listeners.
    moved.restoreInTraining("At the end of epoch " + (network.epoch() + 1));
    progress.epochDone(sparsity, network.iteration(), network.epoch() + 1);
  }

  void finished() {
    moved.restore("At the end of training");
    progress.finished(sparsity, network.iteration(), network.epoch());
  }

  Optional<String> shortfall() {
    return progress.shortfall(sparsity, network.iteration(), network.epoch());
  }

  /** Describes the removed weights that are not zero. */
  Optional<String> movedWeights() {
    return moved.describe();
  }

  /** Sets removed weights to zero; updater state is left as it is. */
  void zeroRemoved() {
    writer.zeroRemoved();
  }

  /** Sets removed weights to zero, and returns how many were not zero. */
  long applyMasks() {
    long count = moved.count();
    if (count > 0) {
      writer.restore();
    }
    return count;
  }

  /**
   * Treats all weights that are zero as removed, in addition to those that the masks already
   * remove. A tensor that is entirely zero is taken as untrained, and is left alone.
   *
   * @return how many weights are removed afterwards
   */
  long adoptZeros() {
    List<Mask> next = planner.masksOfZeros(network, masks);
    writer.replaceMasks(next);
    hold(next);
    begun = true;
    return masks.stream().mapToLong(Mask::removed).sum();
  }

  /**
   * Applies masks that were made for a sparsity. While the schedule is below it, nothing more is
   * removed.
   *
   * @throws IllegalArgumentException if the masks do not fit; nothing is changed then
   */
  void hold(List<Mask> next, double sparsity) {
    Sparsity.check(sparsity, "scheduled");
    planner.checkFit(next);
    writer.replaceMasks(next);
    writer.restore(); // weights that were removed before may have been set since
    hold(next);
    scheduled = sparsity;
    floor = config.rule().followsFalls() ? 0.0 : sparsity;
    begun = true;
    progress.resumed(scheduled);
  }

  /** Returns the state that is needed to resume. */
  PruningState state() {
    return new PruningState(
        config.fingerprint().toString(), scheduled, origin, memory.states(masks));
  }

  /** Returns the tensors that a state must have. */
  List<PruningStateStream.Expected> expected() {
    return memory.expected();
  }

  /** Returns the tensors that the state of another configuration may have. */
  List<PruningStateStream.Expected> possible() {
    return memory.possible();
  }

  /**
   * Resumes from a state. Weights are not changed: the saved network already has zeros where the
   * state's masks remove weights.
   *
   * @throws IllegalArgumentException if the state comes from another configuration
   */
  void resume(PruningState state) {
    Fingerprint own = config.fingerprint();
    if (!state.recipe().equals(own.toString()) || !memory.fits(state.tensors())) {
      throw new IllegalArgumentException(
          "expected the state of a run with the same configuration, but found differences in "
              + own.differences(state.recipe()).replaceAll("\\s+", " ")
              + "; PruningCheckpoint.loadWithChanges or PruningListener.takeOver continue with"
              + " others");
    }
    memory.restore(state.tensors());
    List<Mask> next = state.tensors().stream().map(TensorState::mask).toList();
    resume(state.origin(), next, state.scheduled());
  }

  /**
   * Resumes from the state of another configuration, with its masks, and with the criterion's state
   * if the new one uses it. Nothing is removed while the schedule is below the present sparsity.
   */
  void resumeWithChanges(PruningState state) {
    CriterionMemory.Matched matched = memory.restoreMatching(state.tensors());
    double sparsityOfMasks = planner.sparsity(matched.masks());
    if (!matched.lost().isEmpty()) {
      log.warn(
          "Removed weights of {} are no longer held at zero: the filter {} does not select them.",
          matched.lost(),
          config.parameters());
    }
    log.info(
        "Continues with another configuration, from masks with a sparsity of {}: {}",
        Percent.of(sparsityOfMasks),
        config.fingerprint().differences(state.recipe()));
    resume(
        state.origin(), matched.masks(), matched.complete() ? state.scheduled() : sparsityOfMasks);
  }

  private void resume(Origin start, List<Mask> next, double sparsityOfMasks) {
    hold(next);
    scheduled = sparsityOfMasks;
    floor = config.rule().followsFalls() ? 0.0 : scheduled;
    origin = start;
    progress.countsFrom(origin);
    begun = true;
    lastDone = -1;
    progress.resumed(scheduled);
    writer.resumeMasks(masks);
  }
}
