package io.github.dl4jpruning.select;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Chooses the parameters that take part in pruning. Immutable.
 *
 * <p>{@link #weights()} takes every weight of every known layer and leaves biases, batch
 * normalisation, PReLU slopes and layer-norm gains alone.
 */
public final class ParameterFilter {

  private static final ParameterFilter WEIGHTS = new ParameterFilter(null, Set.of());

  /** Null where no layer was named: then every layer is meant. */
  private final Set<String> only;

  private final Set<String> except;

  private ParameterFilter(Set<String> only, Set<String> except) {
    this.only = only;
    this.except = except;
  }

  /**
   * All weights: the default.
   *
   * @return the filter
   */
  public static ParameterFilter weights() {
    return WEIGHTS;
  }

  /**
   * This filter without some layers.
   *
   * @param layers names of layers, as in the network's configuration
   * @return the narrower filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  public ParameterFilter exceptLayers(String... layers) {
    Set<String> names = new LinkedHashSet<>(except);
    names.addAll(checked("exceptLayers", layers));
    return new ParameterFilter(only, names);
  }

  /**
   * This filter, in some layers only. Said more than once, the names add up.
   *
   * @param layers names of layers, as in the network's configuration
   * @return the narrower filter
   * @throws IllegalArgumentException if no name is given, or one is null or blank
   */
  public ParameterFilter onlyLayers(String... layers) {
    Set<String> names = only == null ? new LinkedHashSet<>() : new LinkedHashSet<>(only);
    names.addAll(checked("onlyLayers", layers));
    return new ParameterFilter(names, except);
  }

  /**
   * The parameters that take part, in the order in which they were given.
   *
   * @param parameters all parameters of a network
   * @param layers names of all its layers, with or without parameters
   * @return the chosen ones, at least one
   * @throws IllegalArgumentException if this filter names a layer that is not in {@code layers}, or
   *     chooses nothing
   */
  public List<PrunableParameter> select(List<PrunableParameter> parameters, Set<String> layers) {
    Set<String> unknown = new TreeSet<>(except);
    if (only != null) {
      unknown.addAll(only);
    }
    unknown.removeAll(layers);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "the filter names layers that the network does not have: "
              + unknown
              + "; its layers are "
              + layers);
    }
    List<PrunableParameter> chosen = parameters.stream().filter(this::accepts).toList();
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

  private boolean accepts(PrunableParameter parameter) {
    return parameter.role() == Role.WEIGHT
        && (only == null || only.contains(parameter.layer()))
        && !except.contains(parameter.layer());
  }

  private static List<String> checked(String method, String... layers) {
    if (layers.length == 0) {
      throw new IllegalArgumentException(method + " needs the name of at least one layer");
    }
    for (String layer : layers) {
      if (layer == null || layer.isBlank()) {
        throw new IllegalArgumentException(
            method + " needs names of layers, but one of " + Arrays.toString(layers) + " is blank");
      }
    }
    return List.of(layers);
  }

  @Override
  public String toString() {
    return "weights"
        + (only == null ? "" : " of layers " + only)
        + (except.isEmpty() ? "" : " except layers " + except);
  }
}
