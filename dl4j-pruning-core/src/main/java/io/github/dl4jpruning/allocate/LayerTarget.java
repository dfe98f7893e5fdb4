package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.schedule.Sparsity;
import io.github.dl4jpruning.select.LayerNames;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;

/**
 * A target sparsity for some layers.
 *
 * @param by whether the name refers to layers or types
 * @param name the name; may contain {@code *} and {@code ?}
 * @param sparsity their sparsity at the schedule's peak, in [0, 1)
 */
public record LayerTarget(By by, String name, double sparsity) {

  /** What a name refers to. */
  public enum By {
    /** A layer. */
    LAYER,
    /** The simple name of a layer's configuration class. */
    TYPE
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is invalid
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
