package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.plan.RankingBuilder;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.UpdateTiming;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Collects the choices of a {@link PruningConfig}.
 *
 * @param <B> the builder itself, which each method returns
 */
abstract class PruningConfigBuilder<B extends PruningConfigBuilder<B>> extends RankingBuilder<B> {
  private @Nullable ISchedule schedule;
  private int updateEvery = UpdateTiming.DEFAULT_INTERVAL;
  private CountFrom countFrom = CountFrom.START_OF_TRAINING;
  private SparsityDistribution distribution = SparsityDistribution.global();
  private MaskRule rule = MaskRule.monotone();

  PruningConfigBuilder() {
    super(SparsityPattern.unstructured());
  }

  /**
   * Sets which sparsity is due at each iteration or epoch.
   *
   * @param schedule any schedule with values in [0, 1), see {@code SparsitySchedules}; it must not
   *     fall unless the rule lets removed weights return
   */
  public B schedule(ISchedule schedule) {
    this.schedule = schedule;
    return self();
  }

  /**
   * Sets how often masks change while the schedule moves.
   *
   * @param iterations iterations between mask updates, at least 1; default 100
   */
  public B updateEvery(int iterations) {
    this.updateEvery = iterations;
    return self();
  }

  /**
   * Sets which iteration is iteration 0 of the schedule. DL4J continues the iteration count when a
   * network is saved, loaded and trained further, so a schedule that counts from the start of
   * training may be over before pruning begins.
   *
   * @param countFrom the origin; default the start of training
   */
  public B countFrom(CountFrom countFrom) {
    this.countFrom = countFrom;
    return self();
  }

  /**
   * Sets how the sparsity is distributed over the tensors.
   *
   * @param distribution the distribution; default global
   */
  public B distribution(SparsityDistribution distribution) {
    this.distribution = distribution;
    return self();
  }

  /**
   * Sets how masks may change.
   *
   * @param rule the rule; default monotone
   */
  public B rule(MaskRule rule) {
    this.rule = rule;
    return self();
  }

  final PruningConfig config() {
    if (schedule == null) {
      throw new IllegalArgumentException("schedule must be set, but is null");
    }
    return new PruningConfig(
        new UpdateTiming(schedule, updateEvery, countFrom), choices(distribution, rule));
  }
}
