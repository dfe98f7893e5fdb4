package io.github.dl4jpruning.model;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;

/**
 * Checks the text of a configuration before DL4J's readers see it. DL4J's readers trust their
 * input: a text that DL4J did not write may take hours or gigabytes to read, or end the process.
 * Nothing that is rejected here occurs in a configuration that DL4J writes.
 */
final class ConfigurationForm {

  /** The key whose value is the name of a class. */
  private static final String CLASS = "@class";

  /** The other key whose value DL4J sometimes takes for the name of a class. */
  private static final String TYPE = "type";

  /** Fields of old configurations, which DL4J reads without checking sizes or names. */
  private static final Set<String> OLD = Set.of("dataBuffer", "dist");

  /** The shape of an array; the product of its numbers is the length of the array. */
  private static final String SHAPE = "shape";

  /** The elements of an array, such as the class weights of a loss. */
  private static final String DATA = "data";

  private static final int LARGEST_AXIS = 1 << 20;
  private static final int MOST_AXES = 3;

  /** More digits than any number has; reading time grows with the square of the digits. */
  private static final int LONGEST_NUMBER = 64;

  /** Layer names are an order of magnitude shorter; some are repeated for each parameter. */
  private static final int LONGEST_TEXT = 500;

  /** Deeper than any configuration; parsers recurse once per level. */
  private static final int DEEPEST = 100;

  private static final int MOST_LAYERS = 1 << 13;

  /** Limits for fields that have an element for each layer or each tensor. */
  private static final Map<String, Integer> MOST =
      Map.of(
          "confs", MOST_LAYERS,
          "vertices", MOST_LAYERS,
          "vertexInputs", MOST_LAYERS,
          "inputPreProcessors", MOST_LAYERS,
          "topologicalOrder", MOST_LAYERS,
          "topologicalOrderStr", MOST_LAYERS,
          "variables", NetworkMaker.MOST_TENSORS);

  /** The limit for other objects, such as the steps of a schedule. */
  private static final int MOST_FIELDS = 1 << 13;

  /** The limit for other arrays. */
  private static final int MOST_ELEMENTS = 1 << 10;

  /** An object whose fields are lists of names; DL4J searches these lists for each name. */
  private static final String INPUTS = "vertexInputs";

  private static final int MOST_INPUTS = 1 << 8;

  /** Objects whose field names are chosen by the user, not by DL4J. */
  private static final Set<String> FREELY_NAMED =
      Set.of(INPUTS, "vertices", "weightParams", "biasParams");

  /** The limit for all fields and elements except those of {@link #DATA}: about 3,000 layers. */
  private static final int MOST_TOKENS = 1 << 18;

  /** Initialises its inner layer twice, so each nesting doubles the cost. */
  private static final String TWICE = ".Bidirectional";

  private final Predicate<String> allowed;
  private final JsonParser parser;
  private final Deque<Level> levels = new ArrayDeque<>();
  private int tokens;

  /** An object or array that is still open. */
  private static final class Level {
    /** The field that has it as its value; empty if the field name has no meaning for DL4J. */
    final String name;

    final boolean isArray;

    /** The largest number of elements. */
    final int most;

    boolean twice;
    int elements;

    Level(String name, boolean isArray, int most, boolean twice) {
      this.name = name;
      this.isArray = isArray;
      this.most = most;
      this.twice = twice;
    }
  }

  private ConfigurationForm(JsonParser parser, Predicate<String> allowed) {
    this.parser = parser;
    this.allowed = allowed;
  }

  /**
   * Checks a text.
   *
   * @param json the configuration
   * @param allowed the classes that it may name
   * @throws IOException if the text does not have the form of a configuration
   */
  static void check(String json, Predicate<String> allowed) throws IOException {
    JsonFactory factory = new JsonFactory();
    factory.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    try (JsonParser parser = factory.createParser(json)) {
      new ConfigurationForm(parser, allowed).check();
    } catch (JsonProcessingException e) {
      throw new IOException(
          "expected a configuration in JSON, but it is damaged: " + e.getOriginalMessage(), e);
    }
  }

  private void check() throws IOException {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token.isStructEnd()) {
        levels.pop();
        continue;
      }
      Level level = levels.peek();
      if (level != null && (level.isArray || token == JsonToken.FIELD_NAME)) {
        countElement(level);
      }
      if (token == JsonToken.FIELD_NAME) {
        checkName(level);
      } else if (token.isStructStart()) {
        open(token == JsonToken.START_ARRAY);
      } else {
        checkValue(token, level);
      }
    }
    if (!levels.isEmpty()) {
      throw new IOException("expected a whole configuration, but it ends too early");
    }
  }

  private void open(boolean array) throws IOException {
    Level around = levels.peek();
    require(around == null || !isShape(around), "shapes of whole numbers");
    boolean free = around == null || around.isArray || FREELY_NAMED.contains(around.name);
    String name = free ? "" : parser.getCurrentName();
    int most = MOST.getOrDefault(name, array ? MOST_ELEMENTS : MOST_FIELDS);
    if (around != null && around.name.equals(INPUTS)) {
      most = MOST_INPUTS;
    }
    levels.push(new Level(name, array, most, around != null && around.twice));
    require(levels.size() <= DEEPEST, "at most " + DEEPEST + " levels");
  }

  private void countElement(Level level) throws IOException {
    boolean data = level.isArray && DATA.equals(level.name);
    if (!data || parser.currentToken().isStructStart()) {
      require(++tokens <= MOST_TOKENS, "at most " + MOST_TOKENS + " fields and elements");
    }
    if (++level.elements > level.most && !data) {
      throw new IOException(
          "expected at most "
              + level.most
              + " elements in "
              + (level.name.isEmpty() ? "a part" : level.name)
              + " of the configuration, but found more");
    }
  }

  private void checkName(Level level) throws IOException {
    String name = parser.getText();
    checkLength(name);
    if (FREELY_NAMED.contains(level.name)) {
      return;
    }
    if (OLD.contains(name)) {
      throw new IOException(
          "expected a configuration in DL4J's present form, but it has a " + name);
    }
    if (CLASS.equals(name) && level.elements > 1) {
      // Jackson would buffer it until its class is known, and every object around it too.
      throw new IOException("expected objects that begin with @class, but one has it later");
    }
  }

  private void checkValue(JsonToken token, Level level) throws IOException {
    if (token.isNumeric() && parser.getTextLength() > LONGEST_NUMBER) {
      throw new IOException(
          "expected numbers of at most "
              + LONGEST_NUMBER
              + " digits in the configuration, but found one of "
              + parser.getTextLength());
    }
    if (level != null && isShape(level)) {
      checkAxis(token, level);
    } else if (token == JsonToken.VALUE_STRING) {
      checkText(level);
    }
  }

  private void checkText(Level level) throws IOException {
    String text = parser.getText();
    checkLength(text);
    String key = parser.getCurrentName();
    boolean isClass = CLASS.equals(key) || (TYPE.equals(key) && text.indexOf('.') >= 0);
    if (isClass && !allowed.test(text)) {
      throw new IOException(
          "expected a configuration of DL4J's own classes, but it names "
              + text
              + "; allow that class if you trust it");
    }
    if (CLASS.equals(key) && text.endsWith(TWICE)) {
      require(!level.twice, "one Bidirectional around a layer");
      level.twice = true;
    }
  }

  /** The product of so few and such small sizes cannot overflow. */
  private void checkAxis(JsonToken token, Level level) throws IOException {
    require(token == JsonToken.VALUE_NUMBER_INT, "shapes of whole numbers");
    if (parser.getDoubleValue() < 0 || parser.getDoubleValue() > LARGEST_AXIS) {
      throw new IOException(
          "expected shapes of at most " + LARGEST_AXIS + ", but found " + parser.getText());
    }
    require(level.elements <= MOST_AXES, "shapes of at most " + MOST_AXES + " axes");
  }

  private static boolean isShape(Level level) {
    return level.isArray && SHAPE.equals(level.name);
  }

  private void checkLength(String text) throws IOException {
    if (text.length() > LONGEST_TEXT) {
      throw new IOException(
          "expected names of at most "
              + LONGEST_TEXT
              + " letters in the configuration, but found one of "
              + text.length());
    }
  }

  private static void require(boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException("expected " + what + " in the configuration, but found others");
    }
  }
}
