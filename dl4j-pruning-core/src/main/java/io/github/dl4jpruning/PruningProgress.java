package io.github.dl4jpruning;

import io.github.dl4jpruning.PruningEventListener.Finished;
import io.github.dl4jpruning.PruningEventListener.MasksUpdated;
import io.github.dl4jpruning.PruningEventListener.TargetReached;
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

/** Says how far pruning has come: in the log, and to listeners. Decides nothing. */
final class PruningProgress {

  private static final Logger log = LoggerFactory.getLogger(PruningListener.class);

  private final UpdateTiming timing;
  private final List<PruningEventListener> listeners = new CopyOnWriteArrayList<>();
  private boolean targetReached;

  PruningProgress(UpdateTiming timing) {
    this.timing = timing;
  }

  void add(PruningEventListener listener) {
    if (listener == null) {
      throw new IllegalArgumentException("listener must be set, but is null");
    }
    listeners.add(listener);
  }

  OptionalDouble target() {
    return timing.schedule() instanceof SparsitySchedule known
        ? OptionalDouble.of(known.peak())
        : OptionalDouble.empty();
  }

  /** Whether a scheduled value is the highest; if that is not known, where the schedule rests. */
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
    OptionalDouble target = target();
    if (!targetReached && target.isPresent() && event.scheduled() >= target.getAsDouble()) {
      targetReached = true;
      log.info(
          "Target sparsity of {} reached at iteration {}, epoch {}.",
          percent(target.getAsDouble()),
          event.iteration(),
          event.epoch());
      tell(
          PruningEventListener::onTargetReached,
          new TargetReached(
              event.iteration(), event.epoch(), target.getAsDouble(), event.sparsity()));
    }
  }

  /** A run that goes on from a state may have reached its target before. */
  void resumed(double scheduled) {
    OptionalDouble target = target();
    targetReached = target.isPresent() && scheduled >= target.getAsDouble();
  }

  void epochDone(double sparsity, int iterations, int epochs) {
    if (target().isPresent() && !targetReached) {
      log.info("{}", belowTarget("Epoch " + epochs + " done", sparsity, iterations, epochs));
    }
  }

  void finished(double sparsity, int iterations, int epochs) {
    OptionalDouble target = target();
    boolean reached = targetReached || target.isEmpty() || target.getAsDouble() == 0.0;
    if (!reached) {
      log.warn("{}", shortfall(sparsity, iterations, epochs).orElseThrow());
    }
    tell(
        PruningEventListener::onFinished,
        new Finished(iterations, epochs, sparsity, target, reached));
  }

  /** What to say of a training that ends now, if it ends below its target. */
  Optional<String> shortfall(double sparsity, int iterations, int epochs) {
    OptionalDouble target = target();
    if (target.isEmpty() || targetReached || target.getAsDouble() == 0.0) {
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
                        point.unit().equals("epoch") ? epochs : iterations))
            .orElse("");
    return when
        + " below the target: reached "
        + percent(sparsity)
        + " of "
        + percent(target().getAsDouble())
        + end
        + ".";
  }

  private static String percent(double sparsity) {
    return String.format(Locale.ROOT, "%.1f%%", 100.0 * sparsity);
  }

  private <E> void tell(BiConsumer<PruningEventListener, E> call, E event) {
    for (PruningEventListener listener : listeners) {
      try {
        call.accept(listener, event);
      } catch (RuntimeException e) { // an onlooker must not end a training
        log.warn("A pruning event listener failed at {}", event, e);
      }
    }
  }
}
