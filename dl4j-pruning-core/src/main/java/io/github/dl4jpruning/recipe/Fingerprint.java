package io.github.dl4jpruning.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.shade.jackson.databind.JsonNode;

/**
 * A configuration as text, to compare it with the one of an earlier run. The parts are joined by
 * commas, in the order in which they were added.
 */
public final class Fingerprint {

  private final Map<String, String> parts;

  private Fingerprint(Map<String, String> parts) {
    this.parts = parts;
  }

  /**
   * Returns a fingerprint without parts.
   *
   * @return the start of a chain of {@link #with}
   */
  public static Fingerprint empty() {
    return new Fingerprint(Map.of());
  }

  /**
   * Adds a part.
   *
   * @param name its name, for messages
   * @param text its value
   * @return a new fingerprint
   */
  public Fingerprint with(String name, String text) {
    Map<String, String> more = new LinkedHashMap<>(parts);
    more.put(name, text);
    return new Fingerprint(more);
  }

  /**
   * Adds all parts of another fingerprint.
   *
   * @param other the parts that follow
   * @return a new fingerprint
   */
  public Fingerprint with(Fingerprint other) {
    Map<String, String> more = new LinkedHashMap<>(parts);
    more.putAll(other.parts);
    return new Fingerprint(more);
  }

  /**
   * Returns the text of a part that may be user-defined.
   *
   * @param written gives the part as a recipe
   * @param part the part
   * @return the recipe, or the name of the class if there is no recipe
   */
  public static String text(Supplier<JsonNode> written, Object part) {
    try {
      return written.get().toString();
    } catch (IllegalArgumentException e) {
      // The class name of a lambda differs from process to process.
      return part.getClass().isHidden() ? "a lambda" : part.getClass().getName();
    }
  }

  /**
   * Describes which parts differ from those of another fingerprint.
   *
   * @param other the text of the other fingerprint
   * @return for instance {@code rule (expected "monotone", found "regrow")}
   */
  public String differences(String other) {
    List<String> found = split(other);
    List<String> differences = new ArrayList<>();
    int i = 0;
    for (Map.Entry<String, String> part : parts.entrySet()) {
      if (found.size() == parts.size() && !part.getValue().equals(found.get(i))) {
        differences.add(
            part.getKey() + " (expected " + part.getValue() + ", found " + found.get(i) + ")");
      }
      i++;
    }
    return differences.isEmpty()
        ? "the configuration (expected " + this + ", found " + other + ")"
        : String.join(", ", differences);
  }

  /** Splits at the commas that are not inside braces, brackets or quotes. */
  private static List<String> split(String fingerprint) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < fingerprint.length(); i++) {
      char letter = fingerprint.charAt(i);
      quoted ^= letter == '"' && (i == 0 || fingerprint.charAt(i - 1) != '\\');
      if (!quoted && (letter == '{' || letter == '[')) {
        depth++;
      } else if (!quoted && (letter == '}' || letter == ']')) {
        depth--;
      } else if (!quoted && depth == 0 && letter == ',') {
        parts.add(fingerprint.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(fingerprint.substring(start).strip());
    return parts;
  }

  @Override
  public String toString() {
    return String.join(", ", parts.values());
  }
}
