package io.github.dl4jpruning.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * When masks change: a schedule, and the number of iterations between mask updates.
 *
 * <p>A mask update is due at iteration t if s(t) differs from the sparsity of the present masks,
 * and either t is a multiple of {@code updateEvery} or the schedule has reached a plateau, s(t + 1)
 * = s(t). The plateau rule makes every schedule work unchanged: a step takes effect at its
 * iteration, and the last value of a schedule is met exactly, whatever {@code updateEvery} is. The
 * decision depends only on t, so a restart needs no stored state.
 *
 * @param schedule the sparsity schedule
 * @param updateEvery iterations between mask updates, at least 1
 * @param countFrom the point at which t = 0
 */
public record UpdateTiming(ISchedule schedule, int updateEvery, CountFrom countFrom) {

  /** The default number of iterations between mask updates. */
  public static final int DEFAULT_INTERVAL = 100;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no schedule, or {@code updateEvery} is below 1
   */
  public UpdateTiming {
    if (schedule == null) {
      throw new IllegalArgumentException("schedule must be set, but is null");
    }
    if (updateEvery < 1) {
      throw new IllegalArgumentException("updateEvery must be 1 or more, but is " + updateEvery);
    }
    if (countFrom == null) {
      throw new IllegalArgumentException("countFrom must be set, but is null");
    }
  }

  /**
   * Creates a timing that counts from the start of training.
   *
   * @param schedule the sparsity schedule
   * @param updateEvery iterations between mask updates, at least 1
   */
  public UpdateTiming(ISchedule schedule, int updateEvery) {
    this(schedule, updateEvery, CountFrom.START_OF_TRAINING);
  }

  /**
   * Returns the sparsity that the schedule requires.
   *
   * @param iteration the iteration t, 0-based
   * @param epoch the epoch, 0-based
   * @return s(t), in [0, 1)
   * @throws IllegalArgumentException if the schedule gives a value that is not a sparsity
   */
  public double sparsityAt(int iteration, int epoch) {
    double value = schedule.valueAt(iteration, epoch);
    if (!Sparsity.isOne(value)) {
      Sparsity.check(value, "the schedule's value at iteration " + iteration + ", epoch " + epoch);
    }
    return value;
  }

  /**
   * Returns whether a mask update is due.
   *
   * @param current the sparsity of the present masks; 0 if there are none
   * @param iteration the iteration t, 0-based
   * @param epoch the epoch, 0-based
   * @return true if an update is due at this iteration
   * @throws IllegalArgumentException if the schedule gives a value that is not a sparsity
   */
  public boolean isDue(double current, int iteration, int epoch) {
    return isDue(current, iteration, epoch, 1);
  }

  /**
   * Returns whether a mask update is due, where only every n-th iteration is asked for: at this
   * one, or at one since the question before.
   *
   * @param current the sparsity of the present masks; 0 if there are none
   * @param iteration the iteration t, 0-based
   * @param epoch the epoch, 0-based
   * @param stride the number n, at least 1
   * @return true if a multiple of {@code updateEvery} is in (t − n, t], or the schedule is on a
   *     plateau
   */
  public boolean isDue(double current, int iteration, int epoch, int stride) {
    double now = sparsityAt(iteration, epoch);
    return now != current
        && (iteration % updateEvery < stride || schedule.valueAt(iteration + 1, epoch) == now);
  }

  /**
   * Returns a sparsity as a share of the schedule's peak.
   *
   * @param sparsity a value of the schedule
   * @return the share, in [0, 1]; NaN if the peak is not known
   */
  public double progress(double sparsity) {
    if (sparsity == 0.0) {
      return 0.0;
    }
    return schedule instanceof SparsitySchedule known ? sparsity / known.peak() : Double.NaN;
  }

  /**
   * Returns all mask updates of a training, as a preview.
   *
   * @param iterations number of iterations of the training
   * @param iterationsPerEpoch iterations in an epoch, at least 1
   * @return the updates, in order
   * @throws IllegalArgumentException if a number is not positive, or the schedule gives a value
   *     that is not a sparsity
   */
  public List<Update> updates(int iterations, int iterationsPerEpoch) {
    if (iterations < 1 || iterationsPerEpoch < 1) {
      throw new IllegalArgumentException(
          "iterations and iterationsPerEpoch must be 1 or more, but are "
              + iterations
              + " and "
              + iterationsPerEpoch);
    }
    List<Update> updates = new ArrayList<>();
    double current = 0.0;
    for (int t = 0; t < iterations; t++) {
      int epoch = t / iterationsPerEpoch;
      if (isDue(current, t, epoch)) {
        current = sparsityAt(t, epoch);
        updates.add(new Update(t, epoch, current));
      }
    }
    return updates;
  }

  /**
   * Finds the first point at which a schedule that only rises reaches a value.
   *
   * @param sparsity a value of the schedule
   * @return the first iteration, or epoch, with at least this value; empty if the schedule may
   *     fall, is not a {@link SparsitySchedule}, or never reaches the value
   */
  public Optional<Point> reaches(double sparsity) {
    if (!(schedule instanceof SparsitySchedule known) || known.falls()) {
      return Optional.empty();
    }
    OptionalInt iteration = firstAt(t -> schedule.valueAt(t, 0) >= sparsity);
    return iteration.isPresent()
        ? Optional.of(new Point("iteration", iteration.getAsInt()))
        : firstAt(t -> schedule.valueAt(0, t) >= sparsity).stream()
            .mapToObj(t -> new Point("epoch", t))
            .findFirst();
  }

  /** Bisects; once the condition holds, it must hold for all later points. */
  private static OptionalInt firstAt(IntPredicate holds) {
    if (!holds.test(Integer.MAX_VALUE - 1)) {
      return OptionalInt.empty();
    }
    int low = -1;
    int high = Integer.MAX_VALUE - 1;
    while (high - low > 1) {
      int middle = low + (high - low) / 2;
      if (holds.test(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return OptionalInt.of(high);
  }

  /**
   * A point in training.
   *
   * @param unit {@code iteration} or {@code epoch}
   * @param at its number, 0-based
   */
  public record Point(String unit, int at) {}

  /**
   * A mask update.
   *
   * @param iteration the iteration, 0-based
   * @param epoch the epoch, 0-based
   * @param sparsity the sparsity from this update on
   */
  public record Update(int iteration, int epoch, double sparsity) {}
}
