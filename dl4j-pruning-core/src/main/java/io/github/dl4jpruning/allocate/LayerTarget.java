package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.select.LayerNames;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;

/**
 * A sparsity for some layers.
 *
 * @param by whether the name is one of layers or of types
 * @param name the name, which may hold {@code *} and {@code ?}
 * @param sparsity what they have at the schedule's peak, in [0, 1)
 */
public record LayerTarget(By by, String name, double sparsity) {

  /** What a name names. */
  public enum By {
    /** A layer. */
    LAYER,
    /** The simple name of a layer's configuration class. */
    TYPE
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the sparsity or the name is bad
   */
  public LayerTarget {
    Sparsity.check(sparsity, "the target of " + name);
    new LayerNames(java.util.Arrays.asList(name));
    if (by == null) {
      throw new IllegalArgumentException("a target must be by LAYER or TYPE, but is by null");
    }
  }

  static LayerTarget ofLayers(String name, double sparsity) {
    return new LayerTarget(By.LAYER, name, sparsity);
  }

  static LayerTarget ofType(String name, double sparsity) {
    return new LayerTarget(By.TYPE, name, sparsity);
  }

  boolean isFor(PrunableParameter parameter) {
    LayerNames names = new LayerNames(List.of(name));
    return by == By.LAYER ? parameter.isOfLayer(names::match) : names.match(parameter.layerType());
  }
}
