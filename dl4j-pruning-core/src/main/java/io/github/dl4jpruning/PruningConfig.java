package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.StandardCriterion;
import io.github.dl4jpruning.select.ParameterFilter;

/**
 * Everything that decides how a network is pruned. Immutable; made by {@link
 * PruningListener#builder()}, or read from a recipe.
 *
 * @param timing when masks change, and to what sparsity
 * @param criterion how important each weight is
 * @param distribution how the sparsity is shared out between tensors
 * @param pattern which sets of weights may go
 * @param rule how masks may change
 * @param parameters which parameters take part
 */
public record PruningConfig(
    UpdateTiming timing,
    ImportanceCriterion criterion,
    SparsityDistribution distribution,
    SparsityPattern pattern,
    MaskRule rule,
    ParameterFilter parameters) {

  /**
   * Checks the values, and that they go together.
   *
   * @throws IllegalArgumentException if one of them is missing, or two do not go together
   */
  public PruningConfig {
    requireSet(timing, "timing");
    requireSet(criterion, "criterion");
    requireSet(distribution, "distribution");
    requireSet(pattern, "pattern");
    requireSet(rule, "rule");
    requireSet(parameters, "parameters");
    SparsitySchedule known =
        timing.schedule() instanceof SparsitySchedule schedule ? schedule : null;
    if (known != null && known.falls() && !rule.followsFalls()) {
      throw new IllegalArgumentException(
          "the schedule falls, so weights have to return, but the rule is "
              + rule
              + "; regrow lets them");
    }
    if (known == null && distribution.needsProgress()) {
      throw new IllegalArgumentException(
          "the distribution ("
              + distribution
              + ") has to know where the schedule ends, but this one does not tell; wrap it in"
              + " SparsitySchedules.withPeak(schedule, finalSparsity)");
    }
    if (rule instanceof MaskRule.HardThresholding && criterion != StandardCriterion.MAGNITUDE) {
      throw new IllegalArgumentException(
          "hardThresholding keeps the largest weights, so the criterion must be magnitude, but is "
              + criterion);
    }
  }

  private static void requireSet(Object value, String name) {
    if (value == null) {
      throw new IllegalArgumentException(name + " must be set, but is null");
    }
  }
}
