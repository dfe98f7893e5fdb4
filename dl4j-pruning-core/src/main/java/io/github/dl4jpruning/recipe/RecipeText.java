package io.github.dl4jpruning.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.DeserializationFeature;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLFactory;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLGenerator;

/** Recipes as text: YAML, and JSON, which is also YAML. Only plain values are read. */
public final class RecipeText {

  private static final ObjectMapper YAML =
      strict(
          new ObjectMapper(
              new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)));

  private static final ObjectMapper JSON = strict(new ObjectMapper());

  private RecipeText() {}

  private static ObjectMapper strict(ObjectMapper mapper) {
    return mapper
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /**
   * Reads YAML.
   *
   * @param text the text
   * @return its root
   * @throws IllegalArgumentException if it is not YAML, or an object has a key twice
   */
  public static RecipeNode ofYaml(String text) {
    return read(YAML, "YAML", text);
  }

  /**
   * Reads JSON.
   *
   * @param text the text
   * @return its root
   * @throws IllegalArgumentException if it is not JSON, or an object has a key twice
   */
  public static RecipeNode ofJson(String text) {
    return read(JSON, "JSON", text);
  }

  private static RecipeNode read(ObjectMapper mapper, String what, String text) {
    try {
      scan(mapper, text);
      JsonNode root = mapper.readTree(text);
      if (root == null || root.isMissingNode() || root.isNull()) {
        throw new IllegalArgumentException("expected a recipe, but found empty text");
      }
      return new RecipeNode("", root);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new IllegalArgumentException(
          "expected "
              + what
              + ", but found"
              + place
              + ": "
              + e.getOriginalMessage().replaceAll("\\s*\\R\\s*", " "),
          e);
    }
  }

  private static void scan(ObjectMapper mapper, String text) throws JsonProcessingException {
    try (JsonParser parser = mapper.getFactory().createParser(text)) {
      RecipeScan.check(parser);
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: the source is a string
    }
  }

  /**
   * Writes YAML.
   *
   * @param root the value to write
   * @return text that {@link #ofYaml} reads
   */
  public static String toYaml(JsonNode root) {
    return write(YAML, root);
  }

  /**
   * Writes JSON.
   *
   * @param root the value to write
   * @return text that {@link #ofJson} reads
   */
  public static String toJson(JsonNode root) {
    return write(JSON, root) + "\n";
  }

  private static String write(ObjectMapper mapper, JsonNode root) {
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
