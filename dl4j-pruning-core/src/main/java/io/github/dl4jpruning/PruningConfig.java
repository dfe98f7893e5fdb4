package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;

/**
 * Everything that decides how a network is pruned. Immutable; made by {@link
 * PruningListener#builder()}.
 *
 * @param timing when masks change, and to what sparsity
 * @param criterion how important each weight is
 * @param distribution how the sparsity is shared out between tensors
 * @param pattern which sets of weights may go
 * @param parameters which parameters take part
 */
public record PruningConfig(
    UpdateTiming timing,
    ImportanceCriterion criterion,
    SparsityDistribution distribution,
    SparsityPattern pattern,
    ParameterFilter parameters) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one of them is missing
   */
  public PruningConfig {
    requireSet(timing, "timing");
    requireSet(criterion, "criterion");
    requireSet(distribution, "distribution");
    requireSet(pattern, "pattern");
    requireSet(parameters, "parameters");
  }

  private static void requireSet(Object value, String name) {
    if (value == null) {
      throw new IllegalArgumentException(name + " must be set, but is null");
    }
  }
}
