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
   * Sets what sparsity is due at which iteration or epoch.
   *
   * @param schedule any schedule with values in [0, 1), see {@code SparsitySchedules}; it must not
   *     fall unless the rule lets weights return
   */
  public B schedule(ISchedule schedule) {
    this.schedule = schedule;
    return self();
  }

  /**
   * Sets how often masks change while the schedule moves.
   *
   * @param iterations iterations between mask updates, at least 1; 100 unless set
   */
  public B updateEvery(int iterations) {
    this.updateEvery = iterations;
    return self();
  }

  /**
   * Sets which iteration the schedule calls 0. DL4J counts the iterations of a network that is
   * saved, loaded and trained on, so a schedule that counts from the start of training may be over
   * before pruning begins.
   *
   * @param countFrom the start of training, unless set
   */
  public B countFrom(CountFrom countFrom) {
    this.countFrom = countFrom;
    return self();
  }

  /**
   * Sets how the sparsity is shared out between tensors.
   *
   * @param distribution the distribution; global unless set
   */
  public B distribution(SparsityDistribution distribution) {
    this.distribution = distribution;
    return self();
  }

  /**
   * Sets how masks may change.
   *
   * @param rule the rule; monotone unless set
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
