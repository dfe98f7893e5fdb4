package io.github.dl4jpruning;

import io.github.dl4jpruning.PruningEventListener.Finished;
import io.github.dl4jpruning.PruningEventListener.MasksUpdated;
import io.github.dl4jpruning.PruningEventListener.TargetReached;
import io.github.dl4jpruning.PruningEventListener.TensorMask;
import io.github.dl4jpruning.io.PruningState.Origin;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.UpdateTiming;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the progress of pruning, in the log and to listeners. It decides nothing. */
final class PruningProgress {

  private static final Logger log = LoggerFactory.getLogger(PruningProgress.class);

  private final UpdateTiming timing;
  private final List<PruningEventListener> listeners = new CopyOnWriteArrayList<>();
  private boolean targetReached;

  /** Iteration and epoch 0 of the schedule. */
  private Origin origin = Origin.START;

  PruningProgress(UpdateTiming timing) {
    this.timing = timing;
  }

  void add(PruningEventListener listener) {
    if (listener == null) {
      throw new IllegalArgumentException("listener must be set, but is null");
    }
    listeners.add(listener);
  }

  void countsFrom(Origin start) {
    origin = start;
  }

  /**
   * Warns at the first step if part of the schedule, or all of it, lies in the past. DL4J continues
   * the iteration count of a network that was trained before.
   *
   * @param iteration the step, as the schedule counts it
   * @param epoch the epoch, as the schedule counts it
   */
  void firstStep(int iteration, int epoch) {
    double now = timing.sparsityAt(iteration, epoch);
    if (iteration > 0 && now > timing.sparsityAt(0, 0)) {
      log.warn(
          "The schedule counts from the start of training, and this network was trained for {}"
              + " iterations ({} epochs) before it is pruned: {} of the weights are removed at"
              + " once{}. If the schedule should begin now, build the listener with"
              + " countFrom(CountFrom.ATTACHMENT).",
          iteration,
          epoch,
          Percent.of(now),
          timing
              .reaches(now)
              .map(point -> ", which was due at " + point.unit() + " " + point.at())
              .orElse(""));
    }
  }

  OptionalDouble target() {
    return timing.schedule() instanceof SparsitySchedule known
        ? OptionalDouble.of(known.peak())
        : OptionalDouble.empty();
  }

  /**
   * Returns whether a scheduled value is the highest or, if that is unknown, the schedule is
   * constant.
   */
  boolean isTarget(double scheduled, int iteration, int epoch) {
    return target().isPresent()
        ? scheduled >= target().getAsDouble()
        : scheduled == timing.sparsityAt(iteration, epoch)
            && scheduled == timing.sparsityAt(iteration + 1, epoch);
  }

  void masksUpdated(MasksUpdated event) {
    log.debug(
        "iteration {}: sparsity {} (schedule {}), {} weights removed, {} returned",
        event.iteration(),
        event.sparsity(),
        event.scheduled(),
        event.removed(),
        event.returned());
    tell(PruningEventListener::onMasksUpdated, event);
    if (!targetReached && hasTarget() && event.scheduled() >= target().getAsDouble()) {
      targetReached = true;
      sayReached(event);
    }
  }

  private void sayReached(MasksUpdated event) {
    double target = target().getAsDouble();
    log.info("{}", reached(event, target));
    tell(
        PruningEventListener::onTargetReached,
        new TargetReached(event.iteration(), event.epoch(), target, event.sparsity()));
  }

  /** Describes a schedule at its target: the network meets it, or how far the network came. */
  static String reached(MasksUpdated event, double target) {
    String when = "iteration " + event.iteration() + ", epoch " + event.epoch();
    String measured = Percent.of(event.sparsity());
    String exact = measured.equals(Percent.of(target)) ? "" : " (measured: " + measured + ")";
    return isMet(event, target)
        ? "Target sparsity of " + Percent.of(target) + " reached at " + when + exact + "."
        : "The schedule is at its target of "
            + Percent.of(target)
            + " at "
            + when
            + ", but the network has "
            + measured
            + ": each tensor keeps at least one weight, and a pattern or a floor may keep more.";
  }

  /** Each tensor may be half a weight off, since counts are integers. */
  private static boolean isMet(MasksUpdated event, double target) {
    long weights = event.tensors().stream().mapToLong(TensorMask::weights).sum();
    return event.sparsity() >= target - 0.5 * event.tensors().size() / weights - 1e-12
        && event.sparsity() > 0.0;
  }

  private boolean hasTarget() {
    return target().isPresent() && target().getAsDouble() > 0.0;
  }

  /** A resumed run may have reached its target before. */
  void resumed(double scheduled) {
    OptionalDouble target = target();
    targetReached = target.isPresent() && scheduled >= target.getAsDouble();
  }

  void epochDone(double sparsity, int iterations, int epochs) {
    if (hasTarget() && !targetReached) {
      log.info("{}", belowTarget("Epoch " + epochs + " done", sparsity, iterations, epochs));
    }
  }

  void finished(double sparsity, int iterations, int epochs) {
    OptionalDouble target = target();
    boolean reached = targetReached || !hasTarget();
    if (!reached) {
      log.warn("{}", shortfall(sparsity, iterations, epochs).orElseThrow());
    }
    tell(
        PruningEventListener::onFinished,
        new Finished(iterations, epochs, sparsity, target, reached));
  }

  /** Returns a message if training ended now, below the target. */
  Optional<String> shortfall(double sparsity, int iterations, int epochs) {
    if (targetReached || !hasTarget()) {
      return Optional.empty();
    }
    return Optional.of(belowTarget("Training stopped", sparsity, iterations, epochs));
  }

  private String belowTarget(String when, double sparsity, int iterations, int epochs) {
    String end =
        timing
            .reaches(target().getAsDouble())
            .map(
                point ->
                    String.format(
                        Locale.ROOT,
                        ": the schedule gets there at %s %,d, training is at %,d",
                        point.unit(),
                        point.at(),
                        point.unit().equals("epoch")
                            ? epochs - origin.epoch()
                            : iterations - origin.iteration()))
            .orElse("");
    return when
        + " below the target: reached "
        + Percent.of(sparsity)
        + " of "
        + Percent.of(target().getAsDouble())
        + end
        + ".";
  }

  private <E> void tell(BiConsumer<PruningEventListener, E> call, E event) {
    for (PruningEventListener listener : listeners) {
      try {
        call.accept(listener, event);
      } catch (RuntimeException e) { // an observer must not end the training
        log.warn("A pruning event listener failed at {}", event, e);
      }
    }
  }
}
