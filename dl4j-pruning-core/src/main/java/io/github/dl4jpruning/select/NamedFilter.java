package io.github.dl4jpruning.select;

import java.util.List;

/** Selects parameters by names of layers, types or keys. */
public sealed interface NamedFilter extends ParameterFilter
    permits NamedFilter.Layers, NamedFilter.LayersMatching, NamedFilter.Types, NamedFilter.Keys {

  /** See {@link ParameterFilter#layers(String...)}. */
  record Layers(LayerNames names) implements NamedFilter {
    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return parameter.isOfLayer(names::match);
    }

    @Override
    public void check(Scope scope) {
      scope.checkNamed("layers", names, scope.layers());
    }

    @Override
    public String toString() {
      return "layers " + names;
    }
  }

  /** See {@link ParameterFilter#layersMatching(String)}. */
  record LayersMatching(String regex) implements NamedFilter {
    /**
     * Checks the expression.
     *
     * @throws IllegalArgumentException if it is not a regular expression
     */
    public LayersMatching {
      LayerNames.regex(regex);
    }

    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return parameter.isOfLayer(LayerNames.regex(regex).asMatchPredicate());
    }

    @Override
    public void check(Scope scope) {
      if (scope.layers().stream().noneMatch(LayerNames.regex(regex).asMatchPredicate())) {
        throw scope.missing("layers", List.of(regex), scope.layers());
      }
    }

    @Override
    public String toString() {
      return "layers matching " + regex;
    }
  }

  /** See {@link ParameterFilter#types(String...)}. */
  record Types(LayerNames names) implements NamedFilter {
    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return names.match(parameter.layerType());
    }

    @Override
    public void check(Scope scope) {
      scope.checkNamed("layer types", names, scope.types());
    }

    @Override
    public String toString() {
      return "layers of type " + names;
    }
  }

  /** See {@link ParameterFilter#keys(String...)}. */
  record Keys(LayerNames names) implements NamedFilter {
    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return names.match(parameter.key());
    }

    @Override
    public void check(Scope scope) {
      scope.checkNamed("parameter keys", names, scope.keys());
    }

    @Override
    public String toString() {
      return "keys " + names;
    }
  }
}
