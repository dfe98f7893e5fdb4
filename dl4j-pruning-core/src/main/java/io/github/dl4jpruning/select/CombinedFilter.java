package io.github.dl4jpruning.select;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Combines other filters. */
public sealed interface CombinedFilter extends ParameterFilter
    permits CombinedFilter.All, CombinedFilter.Any, CombinedFilter.Not {

  /** Selects what all of the filters select. */
  record All(List<ParameterFilter> filters) implements CombinedFilter {
    /**
     * Checks the list.
     *
     * @throws IllegalArgumentException if the list is empty
     */
    public All {
      filters = Scope.checked("and", filters);
    }

    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return filters.stream().allMatch(filter -> filter.accepts(parameter, scope));
    }

    @Override
    public void check(Scope scope) {
      filters.forEach(filter -> filter.check(scope));
    }

    @Override
    public Set<Role> asks() {
      return Scope.asks(filters);
    }

    @Override
    public String toString() {
      return filters.stream().map(Object::toString).collect(Collectors.joining(" and "));
    }
  }

  /** Selects what at least one of the filters selects. */
  record Any(List<ParameterFilter> filters) implements CombinedFilter {
    /**
     * Checks the list.
     *
     * @throws IllegalArgumentException if the list is empty
     */
    public Any {
      filters = Scope.checked("or", filters);
    }

    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return filters.stream().anyMatch(filter -> filter.accepts(parameter, scope));
    }

    @Override
    public void check(Scope scope) {
      filters.forEach(filter -> filter.check(scope));
    }

    @Override
    public Set<Role> asks() {
      return Scope.asks(filters);
    }

    @Override
    public String toString() {
      return filters.stream().map(Object::toString).collect(Collectors.joining(" or ", "(", ")"));
    }
  }

  /** Selects what a filter does not select. */
  record Not(ParameterFilter filter) implements CombinedFilter {
    /**
     * Checks the filter.
     *
     * @throws IllegalArgumentException if the filter is null
     */
    public Not {
      Scope.checked("not", Arrays.asList(filter));
    }

    @Override
    public boolean accepts(PrunableParameter parameter, Scope scope) {
      return !filter.accepts(parameter, scope);
    }

    @Override
    public void check(Scope scope) {
      filter.check(scope);
    }

    @Override
    public Set<Role> asks() {
      return filter.asks();
    }

    @Override
    public String toString() {
      return "not (" + filter + ")";
    }
  }
}
