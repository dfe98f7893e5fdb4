package io.github.dl4jpruning.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.nd4j.shade.jackson.databind.JsonNode;

/**
 * A place in a recipe: its value, and its path for error messages.
 *
 * @param path names and positions from the root, for instance {@code schedule.polynomial.to}; empty
 *     for the root
 * @param value the value at this place
 */
public record RecipeNode(String path, JsonNode value) {

  /**
   * The choice at a place: a name alone, or a name with details.
   *
   * @param name the name
   * @param details the place of the details; the place of the name if there are none
   * @param bare whether the name is alone
   */
  record Choice(String name, RecipeNode details, boolean bare) {

    /** Checks that there are no settings, for a choice that has none; a colon is allowed. */
    void none() {
      if (!bare && !details.value().isNull()) {
        throw details.wrong("nothing, since it has no settings");
      }
    }
  }

  /**
   * Returns a required field.
   *
   * @param name its name
   * @return the place of its value
   * @throws IllegalArgumentException if it is missing
   */
  public RecipeNode field(String name) {
    return optional(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    at(path) + "expected the key '" + name + "', but found " + found()));
  }

  /**
   * Returns an optional field.
   *
   * @param name its name
   * @return the place of its value; empty if the field is missing
   */
  public Optional<RecipeNode> optional(String name) {
    return Optional.ofNullable(value.get(name)).map(child -> child(name, child));
  }

  private RecipeNode child(String name, JsonNode child) {
    return new RecipeNode(path.isEmpty() ? name : path + "." + name, child);
  }

  /**
   * Checks that this is an object with no other keys than the given ones.
   *
   * @param names the allowed keys
   * @return this
   * @throws IllegalArgumentException if it has another key, or is not an object
   */
  public RecipeNode only(String... names) {
    if (!value.isObject()) {
      throw wrong("an object with " + oneOf("the key", names));
    }
    for (Iterator<String> keys = value.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (!Arrays.asList(names).contains(key)) {
        throw new IllegalArgumentException(
            at(path) + "expected " + oneOf("the key", names) + ", but found the key '" + key + "'");
      }
    }
    return this;
  }

  /** A name, or an object whose only key is a name. */
  Choice choice(String... names) {
    String name;
    RecipeNode details;
    if (value.isTextual()) {
      name = value.textValue();
      details = this;
    } else if (value.isObject() && value.size() == 1) {
      name = value.fieldNames().next();
      details = child(name, value.get(name));
    } else {
      throw wrong(oneOf("", names));
    }
    if (!Arrays.asList(names).contains(name)) {
      throw new IllegalArgumentException(
          at(path) + "expected " + oneOf("", names) + ", but found '" + name + "'");
    }
    return new Choice(name, details, value.isTextual());
  }

  double number() {
    if (value.isNumber()) {
      return value.doubleValue();
    }
    // A YAML 1.1 parser may read 1e-3 as text. Java's parser would also accept NaN and 0x1p-1.
    if (value.isTextual() && RecipeScan.isDecimal(value.textValue())) {
      return Double.parseDouble(value.textValue().replace("_", ""));
    }
    throw wrong("a number");
  }

  /**
   * Returns the whole number at this place.
   *
   * @return the number
   * @throws IllegalArgumentException if the value is not a whole number, or outside the range of an
   *     int
   */
  public int whole() {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong("a whole number");
    }
    return value.intValue();
  }

  /** Returns the boolean at this place. */
  boolean flag() {
    if (!value.isBoolean()) {
      throw wrong("true or false");
    }
    return value.booleanValue();
  }

  long wholeLong() {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong("a whole number");
    }
    return value.longValue();
  }

  String text() {
    if (!value.isTextual()) {
      IllegalArgumentException wrong = wrong("text");
      throw value.isBoolean() || value.isNumber()
          ? new IllegalArgumentException(
              wrong.getMessage()
                  + " (yes, no, on, off, true, false and numbers are text only in quotes)")
          : wrong;
    }
    return value.textValue();
  }

  /**
   * Returns a constant of an enum, written in lower case with hyphens.
   *
   * @param type the enum
   * @return the constant
   * @param <E> the enum
   */
  public <E extends Enum<E>> E constant(Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (value.isTextual() && value.textValue().equals(written(constant))) {
        return constant;
      }
    }
    throw wrong(
        oneOf(
            "",
            Arrays.stream(type.getEnumConstants())
                .map(RecipeNode::written)
                .toArray(String[]::new)));
  }

  static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  List<RecipeNode> items() {
    if (!value.isArray()) {
      throw wrong("a list");
    }
    List<RecipeNode> items = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      items.add(new RecipeNode(path + "[" + i + "]", value.get(i)));
    }
    return items;
  }

  /** A list of texts, or a single one. */
  String[] texts() {
    return value.isArray()
        ? items().stream().map(RecipeNode::text).toArray(String[]::new)
        : new String[] {text()};
  }

  List<Map.Entry<String, RecipeNode>> entries() {
    if (!value.isObject() || value.isEmpty()) {
      throw wrong("an object with at least one key");
    }
    List<Map.Entry<String, RecipeNode>> entries = new ArrayList<>();
    value
        .fields()
        .forEachRemaining(e -> entries.add(Map.entry(e.getKey(), child(e.getKey(), e.getValue()))));
    return entries;
  }

  /**
   * Makes an object from the value at this place, and adds this path to the message of its
   * constructor's exception.
   *
   * @param <T> the type of the object
   * @param constructor makes the object
   * @return the object
   * @throws IllegalArgumentException if the constructor throws it
   */
  public <T> T made(Supplier<T> constructor) {
    try {
      return constructor.get();
    } catch (IllegalArgumentException e) {
      // The message already has a path if the error is deeper.
      String message = String.valueOf(e.getMessage());
      boolean deeper =
          message.startsWith(path + ": ")
              || message.startsWith(path + ".")
              || message.startsWith(path + "[");
      throw path.isEmpty() || deeper ? e : new IllegalArgumentException(at(path) + message, e);
    }
  }

  IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        at(path) + "expected " + expected + ", but found " + found());
  }

  private static String at(String path) {
    return path.isEmpty() ? "" : path + ": ";
  }

  private String found() {
    if (value.isObject()) {
      TreeSet<String> keys = new TreeSet<>();
      value.fieldNames().forEachRemaining(keys::add);
      return keys.isEmpty() ? "an empty object" : "an object with " + keys;
    }
    return value.isMissingNode() || value.isNull() ? "nothing" : value.toString();
  }

  private static String oneOf(String what, String... names) {
    String list =
        Arrays.stream(names).map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    return (what.isEmpty() ? "" : what + " ") + (names.length > 1 ? "one of " : "") + list;
  }
}
