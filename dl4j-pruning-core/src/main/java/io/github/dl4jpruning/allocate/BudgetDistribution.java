package io.github.dl4jpruning.allocate;

import java.util.List;

/**
 * A bound on ‖W‖₀: at the schedule's peak at most {@code weights} weights are kept. See {@link
 * SparsityDistribution#budget}.
 *
 * @param weights k, at least 1
 * @param of the distribution of the sparsity
 */
public record BudgetDistribution(long weights, SparsityDistribution of)
    implements SparsityDistribution {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if {@code weights} is below 1, or the distribution is null or
   *     sets its own total
   */
  public BudgetDistribution {
    if (weights < 1) {
      throw new IllegalArgumentException("a budget must be 1 or more weights, but is " + weights);
    }
    if (of == null) {
      throw new IllegalArgumentException("a budget needs a distribution, but it is null");
    }
    if (!of.sharesTotal()) {
      throw new IllegalArgumentException(
          "a budget needs a distribution that shares out a total, but "
              + of
              + " sets its own total");
    }
  }

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    long all = tensors.stream().mapToLong(Contender::weights).sum();
    double progress = due.knownProgress(this);
    double wanted = Math.floor(progress * Math.max(0, all - weights) + 0.5);
    if (all - wanted < tensors.size()) {
      throw new IllegalArgumentException(
          "a budget of "
              + weights
              + " weights is "
              + (tensors.size() - weights)
              + " too few: each of the "
              + tensors.size()
              + " tensors keeps at least one");
    }
    // A distribution that rounds for each tensor may miss the total by a few weights.
    double most = Math.nextDown(1.0);
    for (double more = 0; ; more = Math.max(0.5, 2 * more)) {
      double sparsity = Math.min((wanted + more) / all, most);
      List<RemovalPool> pools = of.allocate(tensors, new Due(sparsity, progress));
      double removed = pools.stream().mapToDouble(pool -> Math.floor(pool.removed() + 0.5)).sum();
      if (removed >= wanted) {
        return pools.stream().map(pool -> roundedUp(pool, tensors)).toList();
      }
      if (sparsity == most) {
        throw new IllegalArgumentException(
            this
                + " cannot be met: "
                + Math.round(wanted - removed)
                + " weights too many are kept");
      }
    }
  }

  /** A pool is rounded to the nearest unit, but a budget must not be exceeded. */
  private static RemovalPool roundedUp(RemovalPool pool, List<Contender> tensors) {
    int largest = 1;
    for (int t : pool.tensors()) {
      largest = Math.max(largest, tensors.get(t).tensor().largestUnit());
    }
    // Adds half a unit minus half a weight, so that a whole number of units stays unchanged.
    double weights = Math.floor(pool.removed() + 0.5);
    double due =
        pool.removed() == 0 || largest == 1 ? pool.removed() : weights + (largest - 1) / 2.0;
    return new RemovalPool(pool.tensors(), due, pool.keep());
  }

  @Override
  public boolean sharesTotal() {
    return false;
  }

  @Override
  public SparsityDistribution withTarget(String layers, double sparsity) {
    return new BudgetDistribution(weights, of.withTarget(layers, sparsity));
  }

  @Override
  public SparsityDistribution withTypeTarget(String type, double sparsity) {
    return new BudgetDistribution(weights, of.withTypeTarget(type, sparsity));
  }

  @Override
  public boolean needsDeviations() {
    return of.needsDeviations();
  }

  @Override
  public boolean needsProgress() {
    return true;
  }

  @Override
  public String toString() {
    return of + ", at most " + weights + " weights";
  }
}
