package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.NOfMPattern;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.schedule.UpdateTiming;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The space of settings for a {@link ScheduleSweep}. A setting combines one value of each list;
 * choices that are not varied (criterion, pattern, rule, parameters) come from the base
 * configuration.
 *
 * @param finalSparsities the final sparsities of the schedules, each in [0, 1)
 * @param shapes the shapes of the schedules
 * @param begins iterations at which pruning begins, counted from the start of training
 * @param ends iterations at which the final sparsity is reached; combinations that would end before
 *     they begin are left out
 * @param updateIntervals iterations between mask updates
 * @param distributions how the sparsity is distributed over the tensors
 * @param learningRates learning rates from the start of the run, above 0; NaN keeps the network's
 *     own
 * @param base gives every setting its criterion, pattern, rule and parameters; its distribution is
 *     not used
 */
public record SweepSpace(
    List<Double> finalSparsities,
    List<Shape> shapes,
    List<Integer> begins,
    List<Integer> ends,
    List<Integer> updateIntervals,
    List<SparsityDistribution> distributions,
    List<Double> learningRates,
    PruningChoices base) {

  /**
   * One setting.
   *
   * @param pruning the pruning configuration
   * @param learningRate the learning rate; NaN for the network's own
   */
  public record Setting(PruningConfig pruning, double learningRate) {}

  /**
   * Copies the lists, and checks that every setting is valid.
   *
   * @throws IllegalArgumentException if a list is empty, a value is out of range, no combination is
   *     left, or a setting has parts that do not fit together
   */
  public SweepSpace(
      List<Double> finalSparsities,
      List<Shape> shapes,
      List<Integer> begins,
      List<Integer> ends,
      List<Integer> updateIntervals,
      List<SparsityDistribution> distributions,
      List<Double> learningRates,
      PruningChoices base) {
    this.finalSparsities = checked("finalSparsities", finalSparsities);
    this.shapes = checked("shapes", shapes);
    this.begins = checked("begins", begins);
    this.ends = checked("ends", ends);
    this.updateIntervals = checked("updateIntervals", updateIntervals);
    this.distributions = checked("distributions", distributions);
    this.learningRates = checked("learningRates", learningRates);
    this.base = base;
    if (base == null) {
      throw new IllegalArgumentException("base must be set, but is null");
    }
    finalSparsities.forEach(sparsity -> Sparsity.check(sparsity, "finalSparsities"));
    for (double rate : learningRates) {
      if (!Double.isNaN(rate) && (!(rate > 0.0) || Double.isInfinite(rate))) {
        throw new IllegalArgumentException(
            "learningRates must be finite and above 0, or NaN for the network's own, but are "
                + learningRates);
      }
    }
    grid(); // a sweep takes hours, so refuse invalid settings early
  }

  /**
   * Makes a space whose settings use the defaults of {@link PruningListener#builder()} for the
   * choices that are not varied.
   *
   * @param finalSparsities the final sparsities of the schedules, each in [0, 1)
   * @param shapes the shapes of the schedules
   * @param begins iterations at which pruning begins
   * @param ends iterations at which the final sparsity is reached
   * @param updateIntervals iterations between mask updates
   * @param distributions how the sparsity is distributed over the tensors
   * @param learningRates learning rates above 0; NaN keeps the network's own
   * @throws IllegalArgumentException as with a base
   */
  public SweepSpace(
      List<Double> finalSparsities,
      List<Shape> shapes,
      List<Integer> begins,
      List<Integer> ends,
      List<Integer> updateIntervals,
      List<SparsityDistribution> distributions,
      List<Double> learningRates) {
    this(
        finalSparsities,
        shapes,
        begins,
        ends,
        updateIntervals,
        distributions,
        learningRates,
        PruningChoices.defaults());
  }

  /**
   * Returns the same space with another base.
   *
   * @param other gives every setting its criterion, pattern, rule and parameters, for instance from
   *     a recipe; its distribution is not used
   * @return a space
   * @throws IllegalArgumentException if a setting has parts that do not fit together, for instance
   *     a rule that ends before a schedule begins
   */
  public SweepSpace withBase(PruningChoices other) {
    return new SweepSpace(
        finalSparsities,
        shapes,
        begins,
        ends,
        updateIntervals,
        distributions,
        learningRates,
        other);
  }

  private static <T> List<T> checked(String name, List<T> values) {
    if (values == null || values.isEmpty()) {
      throw new IllegalArgumentException(name + " must be one value or more, but are " + values);
    }
    return List.copyOf(values);
  }

  /**
   * Returns every combination.
   *
   * @return the settings, without duplicates
   * @throws IllegalArgumentException if a value is out of range, or no combination is left
   */
  public List<Setting> grid() {
    Set<Setting> settings = new LinkedHashSet<>(); // shapes that ignore a value give equal settings
    for (double sparsity : finalSparsities) {
      for (Shape shape : shapes) {
        for (int begin : begins) {
          for (int end : ends) {
            if (shape.isSudden() || begin <= end) {
              checkGoesWithBase(sparsity, shape == Shape.CONSTANT ? 0 : begin);
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
          settings.add(new Setting(config(new UpdateTiming(schedule, every), distribution), rate));
        }
      }
    }
  }

  private PruningConfig config(UpdateTiming timing, SparsityDistribution distribution) {
    return new PruningConfig(timing, base.with(distribution));
  }

  /** Refuses combinations that would fail or have no effect only late in training. */
  private void checkGoesWithBase(double sparsity, int begin) {
    if (base.rule() instanceof MaskRule.Exchange exchange && exchange.until() <= begin) {
      throw new IllegalArgumentException(
          "the rule "
              + exchange
              + " must exchange weights while the network is sparse, but pruning begins at"
              + " iteration "
              + begin);
    }
    // Distributions that need progress have their own target; the schedule only gives the progress.
    boolean countsWeights = distributions.stream().anyMatch(d -> !d.needsProgress());
    if (base.pattern() instanceof NOfMPattern groups
        && countsWeights
        && sparsity > 1.0 - (double) groups.keep() / groups.of()) {
      throw new IllegalArgumentException(
          "finalSparsities must be at most "
              + (1.0 - (double) groups.keep() / groups.of())
              + " with the pattern "
              + groups
              + ", but are "
              + finalSparsities);
    }
  }

  /**
   * Returns some combinations, drawn without replacement.
   *
   * @param count the number of settings, at least 1; all are returned if there are no more
   * @param seed the seed of the random choice
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
