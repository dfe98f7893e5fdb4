package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import io.github.dl4jpruning.select.CombinedFilter;
import io.github.dl4jpruning.select.LayerNames;
import io.github.dl4jpruning.select.NamedFilter;
import io.github.dl4jpruning.select.ParameterFilter;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;

/**
 * Filters in a recipe: {@code weights}, {@code layers: [conv1, fc*]}, or {@code and: [weights,
 * {not: {layers: output}}]}.
 */
public final class FilterRecipe {

  private FilterRecipe() {}

  /**
   * Reads a filter.
   *
   * @param node the place in the recipe
   * @return the filter
   * @throws IllegalArgumentException if the value is not a filter
   */
  public static ParameterFilter read(RecipeNode node) {
    Choice choice =
        node.choice(
            "weights",
            "biases",
            "normalization",
            "exceptFirstAndLast",
            "layers",
            "layersMatching",
            "types",
            "keys",
            "minimumSize",
            "and",
            "or",
            "not");
    RecipeNode of = choice.details();
    String name = choice.name();
    if (node.value().isTextual()
        && !List.of("weights", "biases", "normalization", "exceptFirstAndLast").contains(name)) {
      throw node.wrong("settings of '" + name + "'");
    }
    return switch (name) {
      case "layers" -> made(of, ParameterFilter::layers);
      case "types" -> made(of, ParameterFilter::types);
      case "keys" -> made(of, ParameterFilter::keys);
      case "layersMatching" -> of.made(() -> ParameterFilter.layersMatching(of.text()));
      case "minimumSize" -> of.made(() -> ParameterFilter.minimumSize(of.whole()));
      case "and" -> of.made(() -> new CombinedFilter.All(filters(of)));
      case "or" -> of.made(() -> new CombinedFilter.Any(filters(of)));
      case "not" -> read(of).not();
      default -> {
        choice.none();
        yield switch (name) {
          case "weights" -> ParameterFilter.weights();
          case "biases" -> ParameterFilter.biases();
          case "normalization" -> ParameterFilter.normalization();
          default -> ParameterFilter.exceptFirstAndLast();
        };
      }
    };
  }

  private interface OfNames {
    ParameterFilter make(String... names);
  }

  private static ParameterFilter made(RecipeNode node, OfNames filter) {
    String[] names = node.texts();
    return node.made(() -> filter.make(names));
  }

  private static List<ParameterFilter> filters(RecipeNode node) {
    return node.items().stream().map(FilterRecipe::read).toList();
  }

  /**
   * Writes a filter.
   *
   * @param filter the filter
   * @return a value that {@link #read} reads
   */
  public static JsonNode write(ParameterFilter filter) {
    if (filter instanceof ParameterFilter.OfRole role) {
      return Recipes.name(role.toString());
    } else if (filter instanceof NamedFilter.Layers layers) {
      return Recipes.named("layers", names(layers.names()));
    } else if (filter instanceof NamedFilter.Types types) {
      return Recipes.named("types", names(types.names()));
    } else if (filter instanceof NamedFilter.Keys keys) {
      return Recipes.named("keys", names(keys.names()));
    } else if (filter instanceof NamedFilter.LayersMatching matching) {
      return Recipes.named("layersMatching", Recipes.name(matching.regex()));
    } else if (filter instanceof ParameterFilter.MinimumSize size) {
      return Recipes.object().put("minimumSize", size.elements());
    } else if (filter instanceof CombinedFilter.All all) {
      return Recipes.named("and", list(all.filters()));
    } else if (filter instanceof CombinedFilter.Any any) {
      return Recipes.named("or", list(any.filters()));
    } else if (filter instanceof CombinedFilter.Not not) {
      return Recipes.named("not", write(not.filter()));
    }
    return Recipes.name("exceptFirstAndLast");
  }

  private static ArrayNode names(LayerNames names) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    names.patterns().forEach(list::add);
    return list;
  }

  private static ArrayNode list(List<ParameterFilter> filters) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    filters.forEach(filter -> list.add(write(filter)));
    return list;
  }
}
