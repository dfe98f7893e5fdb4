package io.github.dl4jpruning.select;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * One parameter tensor of a network, described without the network.
 *
 * @param layer name of the layer, unique in the network
 * @param layerType simple class name of the layer's configuration, for instance {@code DenseLayer}
 * @param key the parameter's key inside its layer, for instance {@code W}
 * @param role the role of the parameter in its layer
 * @param shape its shape, in DL4J's layout for this layer type
 * @param layout the meaning of its flat index
 * @param offset index of its first element in the network's flat parameter vector
 * @param length number of elements, the product of {@code shape}
 * @param layerName name of the layer in the network's configuration, which several layers may
 *     share; name patterns match this name too
 */
public record PrunableParameter(
    String layer,
    String layerType,
    String key,
    Role role,
    List<Long> shape,
    KernelLayout layout,
    long offset,
    int length,
    String layerName) {

  /** The role of a parameter in its layer. */
  public enum Role {
    /** Multiplies an input: pruned by default. */
    WEIGHT,
    /** Added to the output of a unit. */
    BIAS,
    /**
     * Scales or shifts a normalised value: gamma and beta of a batch norm, gain of a layer norm.
     */
    NORMALIZATION,
    /** Every other parameter of a known layer: slopes, statistics, centers; never pruned. */
    OTHER,
    /** Belongs to an unknown layer type, and so is left dense. */
    UNKNOWN
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if offset or length is negative, or the length is not the
   *     product of the shape and the length of the layout
   */
  public PrunableParameter {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(layerName, "layerName");
    Objects.requireNonNull(layerType, "layerType");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(role, "role");
    shape = List.copyOf(shape);
    long product = shape.stream().reduce(1L, Math::multiplyExact);
    if (offset < 0 || product != length || layout.length() != length) {
      throw new IllegalArgumentException(
          "parameter "
              + layer
              + "."
              + key
              + ": offset must be 0 or more and length the product of shape "
              + shape
              + " and the length of "
              + layout
              + ", but offset is "
              + offset
              + " and length is "
              + length);
    }
  }

  /**
   * Creates a parameter of a layer with a unique name.
   *
   * @param layer name of the layer
   * @param layerType simple class name of the layer's configuration
   * @param key the parameter's key inside its layer
   * @param role the role of the parameter in its layer
   * @param shape its shape, in DL4J's layout for this layer type
   * @param layout the meaning of its flat index
   * @param offset index of its first element in the network's flat parameter vector
   * @param length number of elements
   */
  public PrunableParameter(
      String layer,
      String layerType,
      String key,
      Role role,
      List<Long> shape,
      KernelLayout layout,
      long offset,
      int length) {
    this(layer, layerType, key, role, shape, layout, offset, length, layer);
  }

  /**
   * Returns whether the name of its layer fulfils a condition.
   *
   * @param names the condition on a name
   * @return true if the layer's unique name or its name in the configuration fulfils it
   */
  public boolean isOfLayer(Predicate<String> names) {
    return names.test(layer) || names.test(layerName);
  }

  /**
   * Returns the name of this parameter in reports and errors, unique in the network.
   *
   * @return layer and key, for instance {@code output.W}
   */
  public String name() {
    return layer + "." + key;
  }
}
