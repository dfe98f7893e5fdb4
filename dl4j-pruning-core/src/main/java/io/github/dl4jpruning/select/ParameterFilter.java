package io.github.dl4jpruning.select;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Chooses the parameters that take part in pruning. Immutable.
 *
 * <p>{@link #weights()} takes every weight of every known layer. Every other filter chooses among
 * weights as well, unless {@link #biases()} or {@link #normalization()} stands in it: those have to
 * be asked for. Statistics, slopes and what is not known are never chosen.
 *
 * <p>Names of layers, types and keys may hold {@code *} and {@code ?}. A name that fits nothing in
 * the network is an error, since it was probably mistyped.
 */
public sealed interface ParameterFilter
    permits ParameterFilter.OfRole,
        ParameterFilter.MinimumSize,
        ParameterFilter.ExceptFirstAndLast,
        NamedFilter,
        CombinedFilter {

  /**
   * All weights: the default.
   *
   * @return the filter
   */
  static ParameterFilter weights() {
    return new OfRole(Role.WEIGHT);
  }

  /**
   * The biases of all layers.
   *
   * @return the filter
   */
  static ParameterFilter biases() {
    return new OfRole(Role.BIAS);
  }

  /**
   * Scale and shift of batch normalisations, gains of layer norms. Their running statistics are no
   * parameters in this sense and are never pruned.
   *
   * @return the filter
   */
  static ParameterFilter normalization() {
    return new OfRole(Role.NORMALIZATION);
  }

  /**
   * Parameters of some layers.
   *
   * @param names names of layers, as in the network's configuration
   * @return the filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  static ParameterFilter layers(String... names) {
    return new NamedFilter.Layers(LayerNames.of("layers", names));
  }

  /**
   * Parameters of layers whose whole name fits a regular expression.
   *
   * @param regex a {@link java.util.regex.Pattern} of at most 1,000 letters
   * @return the filter
   * @throws IllegalArgumentException if it is no regular expression
   */
  static ParameterFilter layersMatching(String regex) {
    return new NamedFilter.LayersMatching(regex);
  }

  /**
   * Parameters of layers of some types.
   *
   * @param types simple names of configuration classes, for instance {@code ConvolutionLayer}
   * @return the filter
   * @throws IllegalArgumentException if no type is given, or one is null or blank
   */
  static ParameterFilter types(String... types) {
    return new NamedFilter.Types(LayerNames.of("types", types));
  }

  /**
   * Parameters with some keys.
   *
   * @param keys keys inside a layer, for instance {@code RW}
   * @return the filter
   * @throws IllegalArgumentException if no key is given, or one is null or blank
   */
  static ParameterFilter keys(String... keys) {
    return new NamedFilter.Keys(LayerNames.of("keys", keys));
  }

  /**
   * Parameters that are not small.
   *
   * @param elements the least number of elements, at least 1
   * @return the filter
   * @throws IllegalArgumentException if {@code elements} is below 1
   */
  static ParameterFilter minimumSize(int elements) {
    return new MinimumSize(elements);
  }

  /**
   * All but the first and the last layer that has weights.
   *
   * @return the filter
   */
  static ParameterFilter exceptFirstAndLast() {
    return new ExceptFirstAndLast();
  }

  /**
   * This filter without some layers.
   *
   * @param names names of layers, as in the network's configuration
   * @return the narrower filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  default ParameterFilter exceptLayers(String... names) {
    return and(new NamedFilter.Layers(LayerNames.of("exceptLayers", names)).not());
  }

  /**
   * This filter, in some layers only.
   *
   * @param names names of layers, as in the network's configuration
   * @return the narrower filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  default ParameterFilter onlyLayers(String... names) {
    return and(new NamedFilter.Layers(LayerNames.of("onlyLayers", names)));
  }

  /**
   * What both choose.
   *
   * @param other another filter
   * @return the narrower filter
   */
  default ParameterFilter and(ParameterFilter other) {
    return new CombinedFilter.All(Arrays.asList(this, other));
  }

  /**
   * What either chooses.
   *
   * @param other another filter
   * @return the wider filter
   */
  default ParameterFilter or(ParameterFilter other) {
    return new CombinedFilter.Any(Arrays.asList(this, other));
  }

  /**
   * What this one does not choose, among weights and what it asks for.
   *
   * @return the opposite
   */
  default ParameterFilter not() {
    return new CombinedFilter.Not(this);
  }

  /**
   * The parameters that take part, in the order in which they were given.
   *
   * @param parameters all parameters of a network
   * @param layers names of all its layers, with or without parameters
   * @return the chosen ones, at least one
   * @throws IllegalArgumentException if this filter names something that is not there, or chooses
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
              + ") chooses no parameter; the network's weights are "
              + parameters.stream()
                  .filter(p -> p.role() == Role.WEIGHT)
                  .map(PrunableParameter::name)
                  .collect(Collectors.toList()));
    }
    return chosen;
  }

  /**
   * Whether a parameter is chosen.
   *
   * @param parameter the parameter
   * @param scope the network that it stands in
   * @return true if so
   */
  boolean accepts(PrunableParameter parameter, Scope scope);

  /**
   * Checks that everything named here is there.
   *
   * @param scope the network
   * @throws IllegalArgumentException if not
   */
  default void check(Scope scope) {}

  /**
   * The roles besides weights that are asked for.
   *
   * @return maybe none
   */
  default Set<Role> asks() {
    return Set.of();
  }

  /**
   * Whether a regular expression stands in it. Some take longer than anyone can wait, so they are
   * not taken from files that are not trusted.
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
   * Parameters with a role. See {@link #weights()}, {@link #biases()}, {@link #normalization()}.
   */
  record OfRole(Role role) implements ParameterFilter {
    /**
     * Checks the role.
     *
     * @throws IllegalArgumentException if it is none that may be pruned
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
