package io.github.dl4jpruning.recipe;

import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Common parts of writing a recipe. */
final class Recipes {

  private Recipes() {}

  static JsonNode name(String name) {
    return JsonNodeFactory.instance.textNode(name);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A name with details. */
  static JsonNode named(String name, JsonNode details) {
    return object().set(name, details);
  }

  static IllegalArgumentException unnamed(String part, Object value) {
    return new IllegalArgumentException(
        part
            + ": expected one of this library, since others have no name in a recipe, but found "
            + value);
  }
}
