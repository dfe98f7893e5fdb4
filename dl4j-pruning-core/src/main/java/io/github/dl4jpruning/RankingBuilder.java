package io.github.dl4jpruning;

import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;

/**
 * The choices of all who rank weights.
 *
 * @param <B> the builder itself, which each method returns
 */
abstract sealed class RankingBuilder<B extends RankingBuilder<B>>
    permits PruningListener.Builder, RoundsBuilder, SensitivityScan.Builder {
  ImportanceCriterion criterion = ImportanceCriterion.magnitude();
  SparsityPattern pattern;
  ParameterFilter parameters = ParameterFilter.weights();

  RankingBuilder(SparsityPattern pattern) {
    this.pattern = pattern;
  }

  abstract B self();

  /**
   * How important each weight is; magnitude unless set. A {@link StructuredPruner} takes none that
   * remembers earlier iterations, of which it has none.
   *
   * @param criterion the criterion
   * @return this builder
   */
  public B criterion(ImportanceCriterion criterion) {
    this.criterion = criterion;
    return self();
  }

  /**
   * Which sets of weights may go; unstructured unless set, {@link
   * SparsityPattern#coupledChannels()} in a {@link StructuredPruner}, which takes no other.
   *
   * @param pattern the pattern
   * @return this builder
   */
  public B pattern(SparsityPattern pattern) {
    this.pattern = pattern;
    return self();
  }

  /**
   * Which parameters take part; all weights unless set. Where channels go as a whole, a layer takes
   * part if its weights are selected.
   *
   * @param parameters the filter
   * @return this builder
   */
  public B parameters(ParameterFilter parameters) {
    this.parameters = parameters;
    return self();
  }
}
