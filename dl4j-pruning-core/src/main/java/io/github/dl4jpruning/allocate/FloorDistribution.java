package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.select.LayerNames;
import java.util.List;

/**
 * Another distribution with a floor for some tensors. See {@link SparsityDistribution#neverAbove}.
 *
 * @param of the distribution above the floor
 * @param layers names of the layers with the floor; may contain {@code *} and {@code ?}
 * @param highestSparsity highest sparsity of a tensor, in [0, 1]; 1 for none
 * @param fewestWeights least number of weights of a tensor, at least 1
 */
public record FloorDistribution(
    SparsityDistribution of, String layers, double highestSparsity, long fewestWeights)
    implements SparsityDistribution {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of range or null
   */
  public FloorDistribution {
    new LayerNames(java.util.Arrays.asList(layers));
    if (of == null) {
      throw new IllegalArgumentException("a floor needs a distribution, but it is null");
    }
    if (!(highestSparsity >= 0.0 && highestSparsity <= 1.0)) {
      throw new IllegalArgumentException(
          "neverAbove must be a sparsity in [0, 1], but is " + highestSparsity);
    }
    if (fewestWeights < 1) {
      throw new IllegalArgumentException(
          "neverFewerThan must be 1 or more, but is " + fewestWeights);
    }
  }

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    LayerNames names = new LayerNames(List.of(layers));
    if (tensors.stream().noneMatch(tensor -> tensor.parameter().isOfLayer(names::match))) {
      throw new IllegalArgumentException(
          "expected a layer that matches "
              + layers
              + ", which has a floor, but the parameters are "
              + tensors.stream().map(tensor -> tensor.parameter().name()).toList());
    }
    return of.allocate(
        tensors.stream()
            .map(
                t ->
                    t.parameter().isOfLayer(names::match)
                        ? t.keepingAtLeast(floor(t.weights()))
                        : t)
            .toList(),
        due);
  }

  /**
   * Returns the number of weights to keep, rounded so that the sparsity is not above the highest.
   */
  private long floor(long weights) {
    long most = (long) Math.floor(highestSparsity * weights + 1e-9);
    return Math.max(fewestWeights, weights - most);
  }

  @Override
  public boolean sharesTotal() {
    return of.sharesTotal();
  }

  /** Keeps the floor outermost, so that it applies to all layers. */
  @Override
  public SparsityDistribution withTarget(String layer, double sparsity) {
    return around(of.withTarget(layer, sparsity));
  }

  @Override
  public SparsityDistribution withTypeTarget(String type, double sparsity) {
    return around(of.withTypeTarget(type, sparsity));
  }

  private FloorDistribution around(SparsityDistribution inner) {
    return new FloorDistribution(inner, layers, highestSparsity, fewestWeights);
  }

  @Override
  public boolean needsDeviations() {
    return of.needsDeviations();
  }

  @Override
  public boolean needsProgress() {
    return of.needsProgress();
  }

  @Override
  public String toString() {
    return of
        + (highestSparsity < 1.0 ? ", never above " + highestSparsity : "")
        + (fewestWeights > 1 ? ", never fewer than " + fewestWeights : "")
        + (layers.equals("*") ? "" : " in " + layers);
  }
}
