package io.github.dl4jpruning.select;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Selects the parameters that are pruned. Immutable.
 *
 * <p>{@link #weights()} selects every weight of every known layer. Other filters also select only
 * weights, unless they contain {@link #biases()} or {@link #normalization()}. Statistics, slopes
 * and unknown parameters are never selected.
 *
 * <p>Names of layers, types and keys may contain {@code *} and {@code ?}. A name that matches
 * nothing in the network is an error, since it was probably mistyped.
 */
public sealed interface ParameterFilter
    permits ParameterFilter.OfRole,
        ParameterFilter.MinimumSize,
        ParameterFilter.ExceptFirstAndLast,
        NamedFilter,
        CombinedFilter {

  /**
   * Selects all weights: the default.
   *
   * @return the filter
   */
  static ParameterFilter weights() {
    return new OfRole(Role.WEIGHT);
  }

  /**
   * Selects the biases of all layers.
   *
   * @return the filter
   */
  static ParameterFilter biases() {
    return new OfRole(Role.BIAS);
  }

  /**
   * Selects scale and shift of batch normalisations, and gains of layer norms. Running statistics
   * are never pruned.
   *
   * @return the filter
   */
  static ParameterFilter normalization() {
    return new OfRole(Role.NORMALIZATION);
  }

  /**
   * Selects the parameters of some layers.
   *
   * @param names names of layers, as in the network's configuration
   * @return the filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  static ParameterFilter layers(String... names) {
    return new NamedFilter.Layers(LayerNames.of("layers", names));
  }

  /**
   * Selects the parameters of layers whose whole name matches a regular expression.
   *
   * @param regex a {@link java.util.regex.Pattern} of at most 1,000 letters
   * @return the filter
   * @throws IllegalArgumentException if it is not a regular expression
   */
  static ParameterFilter layersMatching(String regex) {
    return new NamedFilter.LayersMatching(regex);
  }

  /**
   * Selects the parameters of layers of some types.
   *
   * @param types simple names of configuration classes, for instance {@code ConvolutionLayer}
   * @return the filter
   * @throws IllegalArgumentException if no type is given, or one is null or blank
   */
  static ParameterFilter types(String... types) {
    return new NamedFilter.Types(LayerNames.of("types", types));
  }

  /**
   * Selects parameters with some keys.
   *
   * @param keys keys inside a layer, for instance {@code RW}
   * @return the filter
   * @throws IllegalArgumentException if no key is given, or one is null or blank
   */
  static ParameterFilter keys(String... keys) {
    return new NamedFilter.Keys(LayerNames.of("keys", keys));
  }

  /**
   * Selects parameters that are not small.
   *
   * @param elements the least number of elements, at least 1
   * @return the filter
   * @throws IllegalArgumentException if {@code elements} is below 1
   */
  static ParameterFilter minimumSize(int elements) {
    return new MinimumSize(elements);
  }

  /**
   * Selects all layers except the first and the last one with weights.
   *
   * @return the filter
   */
  static ParameterFilter exceptFirstAndLast() {
    return new ExceptFirstAndLast();
  }

  /**
   * Excludes some layers from this filter.
   *
   * @param names names of layers, as in the network's configuration
   * @return the narrower filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  default ParameterFilter exceptLayers(String... names) {
    return and(new NamedFilter.Layers(LayerNames.of("exceptLayers", names)).not());
  }

  /**
   * Restricts this filter to some layers.
   *
   * @param names names of layers, as in the network's configuration
   * @return the narrower filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  default ParameterFilter onlyLayers(String... names) {
    return and(new NamedFilter.Layers(LayerNames.of("onlyLayers", names)));
  }

  /**
   * Selects what both filters select.
   *
   * @param other another filter
   * @return the narrower filter
   */
  default ParameterFilter and(ParameterFilter other) {
    return new CombinedFilter.All(Arrays.asList(this, other));
  }

  /**
   * Selects what at least one of the two filters selects.
   *
   * @param other another filter
   * @return the wider filter
   */
  default ParameterFilter or(ParameterFilter other) {
    return new CombinedFilter.Any(Arrays.asList(this, other));
  }

  /**
   * Selects what this filter does not select, among weights and the other roles that it names.
   *
   * @return the opposite
   */
  default ParameterFilter not() {
    return new CombinedFilter.Not(this);
  }

  /**
   * Returns the selected parameters, in the given order.
   *
   * @param parameters all parameters of a network
   * @param layers names of all its layers, with or without parameters
   * @return the selected parameters, at least one
   * @throws IllegalArgumentException if this filter names something that does not exist, or selects
   *     nothing
   */
  default List<PrunableParameter> select(List<PrunableParameter> parameters, Set<String> layers) {
    Scope scope = Scope.of(parameters, layers);
    check(scope);
    Set<Role> roles = EnumSet.of(Role.WEIGHT);
    roles.addAll(asks());
    List<PrunableParameter> chosen =
        parameters.stream().filter(p -> roles.contains(p.role()) && accepts(p, scope)).toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "the filter ("
              + this
              + ") selects no parameter; the network's weights are "
              + parameters.stream()
                  .filter(p -> p.role() == Role.WEIGHT)
                  .map(PrunableParameter::name)
                  .collect(Collectors.toList()));
    }
    return chosen;
  }

  /**
   * Returns whether a parameter is selected.
   *
   * @param parameter the parameter
   * @param scope the network of the parameter
   * @return true if so
   */
  boolean accepts(PrunableParameter parameter, Scope scope);

  /**
   * Checks that everything that this filter names exists.
   *
   * @param scope the network
   * @throws IllegalArgumentException if something does not exist
   */
  default void check(Scope scope) {}

  /**
   * Returns the roles that this filter names explicitly.
   *
   * @return the roles; may be empty
   */
  default Set<Role> asks() {
    return Set.of();
  }

  /**
   * Returns whether this filter contains a regular expression. Some regular expressions take
   * practically forever, so they are not accepted from untrusted files.
   *
   * @return true if so
   */
  default boolean hasExpression() {
    if (this instanceof CombinedFilter.All all) {
      return all.filters().stream().anyMatch(ParameterFilter::hasExpression);
    } else if (this instanceof CombinedFilter.Any any) {
      return any.filters().stream().anyMatch(ParameterFilter::hasExpression);
    }
    return this instanceof NamedFilter.LayersMatching
        || (this instanceof CombinedFilter.Not not && not.filter().hasExpression());
  }

  /**
   * Selects parameters with a role. See {@link #weights()}, {@link #biases()}, {@link
   * #normalization()}.
   */
  record OfRole(Role role) implements ParameterFilter {
    /**
     * Checks the role.
     *
     * @throws IllegalArgumentException if parameters with this role are never pruned
     */
    public OfRole {
      if (role == null || role == Role.OTHER || role == Role.UNKNOWN) {
        throw new IllegalArgumentException(
            "role must be WEIGHT, BIAS or NORMALIZATION, but is " + role);
      }
    }

    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return parameter.role() == role;
    }

    @Override
    public Set<Role> asks() {
      return Set.of(role);
    }

    @Override
    public String toString() {
      return switch (role) {
        case WEIGHT -> "weights";
        case BIAS -> "biases";
        default -> "normalization";
      };
    }
  }

  /** See {@link ParameterFilter#minimumSize(int)}. */
  record MinimumSize(int elements) implements ParameterFilter {
    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public MinimumSize {
      if (elements < 1) {
        throw new IllegalArgumentException("minimumSize must be 1 or more, but is " + elements);
      }
    }

    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return parameter.length() >= elements;
    }

    @Override
    public String toString() {
      return "at least " + elements + " elements";
    }
  }

  /** See {@link ParameterFilter#exceptFirstAndLast()}. */
  record ExceptFirstAndLast() implements ParameterFilter {
    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return !parameter.layer().equals(scope.firstLayer())
          && !parameter.layer().equals(scope.lastLayer());
    }

    @Override
    public String toString() {
      return "all but the first and the last layer";
    }
  }
}
