package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;

/**
 * The choices that every builder of this library offers. Not meant for subclasses elsewhere.
 *
 * @param <B> the builder itself, which each method returns
 */
public abstract class RankingBuilder<B extends RankingBuilder<B>> {
  private ImportanceCriterion criterion = ImportanceCriterion.magnitude();
  private SparsityPattern pattern;
  private ParameterFilter parameters = ParameterFilter.weights();

  /**
   * Makes a builder with a default pattern.
   *
   * @param pattern the default pattern
   */
  protected RankingBuilder(SparsityPattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Returns the builder itself.
   *
   * @return this object
   */
  protected abstract B self();

  /**
   * Sets how the importance of a weight is scored. The default is magnitude. A {@code
   * StructuredPruner} accepts no criterion that remembers earlier iterations, since it has none.
   *
   * @param criterion the criterion
   */
  public B criterion(ImportanceCriterion criterion) {
    this.criterion = criterion;
    return self();
  }

  /**
   * Sets which sets of weights are removed together. The default is unstructured; a {@code
   * StructuredPruner} accepts only {@link SparsityPattern#coupledChannels()}.
   *
   * @param pattern the pattern
   */
  public B pattern(SparsityPattern pattern) {
    this.pattern = pattern;
    return self();
  }

  /**
   * Sets which parameters take part. The default is all weights. If whole channels are removed, a
   * layer takes part if its weights are selected.
   *
   * @param parameters the filter
   */
  public B parameters(ParameterFilter parameters) {
    this.parameters = parameters;
    return self();
  }

  /**
   * Returns the choices.
   *
   * @param distribution how the sparsity is distributed over the tensors
   * @param rule how masks may change
   * @return the choices
   * @throws IllegalArgumentException if a choice is null, or two choices do not fit together
   */
  protected final PruningChoices choices(SparsityDistribution distribution, MaskRule rule) {
    return new PruningChoices(criterion, distribution, pattern, rule, parameters);
  }
}
