package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The settings that a {@link ScheduleSweep} chooses from. A setting is one of each list.
 *
 * @param finalSparsities where schedules end, each in [0, 1)
 * @param shapes how they get there
 * @param begins iterations at which pruning begins, counted from the start of training
 * @param ends iterations at which the final sparsity is reached; a setting that would end before it
 *     begins is left out
 * @param updateIntervals iterations between mask updates
 * @param distributions how the sparsity is shared out
 * @param learningRates rates from the beginning of the run on, above 0; NaN leaves the network its
 *     own
 */
public record SweepSpace(
    List<Double> finalSparsities,
    List<Shape> shapes,
    List<Integer> begins,
    List<Integer> ends,
    List<Integer> updateIntervals,
    List<SparsityDistribution> distributions,
    List<Double> learningRates) {

  /** The shape of a schedule between its two ends. */
  public enum Shape {
    /** Power 3: fast at first, slow at the end. */
    POLYNOMIAL,
    /** At the same pace. */
    LINEAR,
    /** The same fraction of what is left in each step. */
    EXPONENTIAL,
    /** Half a cosine. */
    COSINE,
    /** Slow, fast, slow. */
    ONE_CYCLE,
    /** All at once, where the others begin. */
    ONE_SHOT;

    ISchedule schedule(double finalSparsity, int begin, int end) {
      return switch (this) {
        case POLYNOMIAL -> SparsitySchedules.polynomial(0.0, finalSparsity, begin, end);
        case LINEAR -> SparsitySchedules.linear(0.0, finalSparsity, begin, end);
        case EXPONENTIAL -> SparsitySchedules.exponential(0.0, finalSparsity, begin, end);
        case COSINE -> SparsitySchedules.cosine(0.0, finalSparsity, begin, end);
        case ONE_CYCLE -> SparsitySchedules.oneCycle(0.0, finalSparsity, begin, end);
        case ONE_SHOT -> SparsitySchedules.oneShot(finalSparsity, begin);
      };
    }
  }

  /**
   * One setting.
   *
   * @param pruning how to prune
   * @param learningRate the learning rate; NaN for the network's own
   */
  public record Setting(PruningConfig pruning, double learningRate) {}

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if one of them is empty, or a sparsity or a rate is out of
   *     range
   */
  public SweepSpace {
    finalSparsities = checked("finalSparsities", finalSparsities);
    shapes = checked("shapes", shapes);
    begins = checked("begins", begins);
    ends = checked("ends", ends);
    updateIntervals = checked("updateIntervals", updateIntervals);
    distributions = checked("distributions", distributions);
    learningRates = checked("learningRates", learningRates);
    finalSparsities.forEach(sparsity -> Sparsity.check(sparsity, "finalSparsities"));
    for (double rate : learningRates) {
      if (!Double.isNaN(rate) && (!(rate > 0.0) || Double.isInfinite(rate))) {
        throw new IllegalArgumentException(
            "learningRates must be finite and above 0, or NaN for the network's own, but are "
                + learningRates);
      }
    }
  }

  private static <T> List<T> checked(String name, List<T> values) {
    if (values == null || values.isEmpty()) {
      throw new IllegalArgumentException(name + " must be one value or more, but are " + values);
    }
    return List.copyOf(values);
  }

  /**
   * Every combination.
   *
   * @return the settings, each once
   * @throws IllegalArgumentException if a value is out of range, or no combination is left
   */
  public List<Setting> grid() {
    Set<Setting> settings = new LinkedHashSet<>(); // what has no meaning for a shape makes equals
    for (double sparsity : finalSparsities) {
      for (Shape shape : shapes) {
        for (int begin : begins) {
          for (int end : ends) {
            if (shape == Shape.ONE_SHOT || begin <= end) {
              addAll(settings, shape.schedule(sparsity, begin, end));
            }
          }
        }
      }
    }
    if (settings.isEmpty()) {
      throw new IllegalArgumentException(
          "begins must not all be after ends, but are " + begins + " and " + ends);
    }
    return List.copyOf(settings);
  }

  private void addAll(Set<Setting> settings, ISchedule schedule) {
    for (int every : updateIntervals) {
      for (SparsityDistribution distribution : distributions) {
        for (double rate : learningRates) {
          PruningConfig pruning =
              PruningListener.builder()
                  .schedule(schedule)
                  .updateEvery(every)
                  .distribution(distribution)
                  .build()
                  .config();
          settings.add(new Setting(pruning, rate));
        }
      }
    }
  }

  /**
   * Some combinations, drawn without putting back.
   *
   * @param count how many, at least 1; all of them if there are no more
   * @param seed decides which
   * @return the settings, in the order in which they were drawn
   * @throws IllegalArgumentException if {@code count} is below 1, or as {@link #grid}
   */
  public List<Setting> random(int count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be 1 or more, but is " + count);
    }
    List<Setting> all = new ArrayList<>(grid());
    Collections.shuffle(all, new Random(seed));
    return List.copyOf(all.subList(0, Math.min(count, all.size())));
  }
}
