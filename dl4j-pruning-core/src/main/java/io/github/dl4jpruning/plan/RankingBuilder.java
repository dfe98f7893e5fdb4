package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;

/**
 * The choices that every builder of this library offers. Not meant to be extended elsewhere.
 *
 * @param <B> the builder itself, which each method returns
 */
public abstract class RankingBuilder<B extends RankingBuilder<B>> {
  private ImportanceCriterion criterion = ImportanceCriterion.magnitude();
  private SparsityPattern pattern;
  private ParameterFilter parameters = ParameterFilter.weights();

  /**
   * A builder with a default pattern.
   *
   * @param pattern the pattern unless another one is set
   */
  protected RankingBuilder(SparsityPattern pattern) {
    this.pattern = pattern;
  }

  /**
   * The builder that is configured.
   *
   * @return this object
   */
  protected abstract B self();

  /**
   * Sets how important each weight is. The default is magnitude. A {@code StructuredPruner} takes
   * no criterion that remembers earlier iterations, since it has none.
   *
   * @param criterion the criterion
   */
  public B criterion(ImportanceCriterion criterion) {
    this.criterion = criterion;
    return self();
  }

  /**
   * Sets which sets of weights may go. The default is unstructured; a {@code StructuredPruner}
   * takes {@link SparsityPattern#coupledChannels()} and nothing else.
   *
   * @param pattern the pattern
   */
  public B pattern(SparsityPattern pattern) {
    this.pattern = pattern;
    return self();
  }

  /**
   * Sets which parameters take part. The default is all weights. Where whole channels go, a layer
   * takes part if its weights are selected.
   *
   * @param parameters the filter
   */
  public B parameters(ParameterFilter parameters) {
    this.parameters = parameters;
    return self();
  }

  /**
   * What was chosen.
   *
   * @param distribution how the sparsity is shared out
   * @param rule how masks may change
   * @return the choices
   * @throws IllegalArgumentException if one is null, or two do not go together
   */
  protected final PruningChoices choices(SparsityDistribution distribution, MaskRule rule) {
    return new PruningChoices(criterion, distribution, pattern, rule, parameters);
  }
}
