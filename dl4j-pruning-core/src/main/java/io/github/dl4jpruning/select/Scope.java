package io.github.dl4jpruning.select;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a filter can see of the network.
 *
 * @param layers names of all layers
 * @param types simple names of the types of layers with parameters
 * @param keys keys of parameters
 * @param firstLayer name of the first layer with weights, or an empty string
 * @param lastLayer name of the last layer with weights, or an empty string
 */
public record Scope(
    Set<String> layers, Set<String> types, Set<String> keys, String firstLayer, String lastLayer) {

  static Scope of(List<PrunableParameter> parameters, Set<String> layers) {
    List<String> weighted =
        parameters.stream()
            .filter(p -> p.role() == Role.WEIGHT)
            .map(PrunableParameter::layer)
            .toList();
    return new Scope(
        layers,
        parameters.stream()
            .map(PrunableParameter::layerType)
            .collect(Collectors.toCollection(LinkedHashSet::new)),
        parameters.stream()
            .map(PrunableParameter::key)
            .collect(Collectors.toCollection(LinkedHashSet::new)),
        weighted.isEmpty() ? "" : weighted.get(0),
        weighted.isEmpty() ? "" : weighted.get(weighted.size() - 1));
  }

  void checkNamed(String what, LayerNames names, Collection<String> present) {
    List<String> missing = names.missing(present);
    if (!missing.isEmpty()) {
      throw missing(what, missing, present);
    }
  }

  IllegalArgumentException missing(String what, List<String> names, Collection<String> present) {
    return new IllegalArgumentException(
        "the filter names "
            + what
            + " that the network does not have: "
            + names
            + "; its "
            + what
            + " are "
            + present);
  }

  static List<ParameterFilter> checked(String what, List<ParameterFilter> filters) {
    if (filters == null || filters.isEmpty() || filters.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(what + " needs at least one filter, but found " + filters);
    }
    return List.copyOf(filters);
  }

  static Set<Role> asks(List<ParameterFilter> filters) {
    return filters.stream()
        .flatMap(filter -> filter.asks().stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
