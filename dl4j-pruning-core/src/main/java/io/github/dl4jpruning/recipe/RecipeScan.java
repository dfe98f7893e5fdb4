package io.github.dl4jpruning.recipe;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.regex.Pattern;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLParser;

/**
 * Checks the tokens of a recipe before a tree is built from them. In a tree {@code 0100} has
 * already become 64, as in YAML 1.1, and a malicious text has already done its damage.
 */
final class RecipeScan {

  private static final int DEEPEST = 100;
  private static final int LONGEST_NUMBER = 64;

  /** A decimal number, with or without underscores between thousands. */
  private static final Pattern DECIMAL =
      Pattern.compile(
          "[-+]?(((0|[1-9]\\d*|[1-9]\\d{0,2}(_\\d{3})+)(\\.\\d*)?)|\\.\\d+)([eE][-+]?\\d+)?");

  /** The names of the places from the root to the next value. */
  private final Deque<Place> places = new ArrayDeque<>();

  private RecipeScan() {}

  /** A place in an object or a list. */
  private static final class Place {
    private String name = "";

    /** The position in a list; -1 in an object. */
    private int index;

    Place(int index) {
      this.index = index;
    }
  }

  /** Returns whether a text is a decimal number within the range of a double. */
  static boolean isDecimal(String text) {
    return text.length() <= LONGEST_NUMBER
        && DECIMAL.matcher(text).matches()
        && Double.isFinite(Double.parseDouble(text.replace("_", "")));
  }

  /**
   * Checks all tokens.
   *
   * @throws IllegalArgumentException if a token is ambiguous or not supported, or there are too
   *     many nested brackets
   */
  static void check(JsonParser parser) throws IOException {
    RecipeScan scan = new RecipeScan();
    for (JsonToken token = scan.next(parser); token != null; token = scan.next(parser)) {
      scan.take(token, parser);
    }
  }

  private JsonToken next(JsonParser parser) throws IOException {
    try {
      return parser.nextToken();
    } catch (NumberFormatException e) { // the parser throws this for 0x_
      throw noDecimal("an invalid number: " + e.getMessage());
    }
  }

  private void take(JsonToken token, JsonParser parser) throws IOException {
    if (token == JsonToken.FIELD_NAME) {
      places.peek().name = parser.getText();
      return;
    }
    if (token.isStructEnd()) {
      places.pop();
    } else if (token.isStructStart()) {
      // A parser follows any depth of nesting; a recipe needs little.
      if (places.size() == DEEPEST) {
        throw new IllegalArgumentException(
            "expected a recipe with at most " + DEEPEST + " nested brackets, but found more");
      }
      places.push(new Place(token == JsonToken.START_ARRAY ? 0 : -1));
      return;
    } else {
      checkScalar(token, parser);
    }
    if (!places.isEmpty() && places.peek().index >= 0) {
      places.peek().index++;
    }
  }

  private void checkScalar(JsonToken token, JsonParser parser) throws IOException {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw wrong("a value", "the alias *" + parser.getText() + ", which recipes do not support");
    }
    if (!token.isNumeric()) {
      return;
    }
    // The time to parse a number grows with the square of its number of digits.
    if (parser.getTextLength() > LONGEST_NUMBER) {
      throw wrong("numbers of at most " + LONGEST_NUMBER + " digits", "a longer one");
    }
    if (!isDecimal(parser.getText())) {
      throw noDecimal(parser.getText());
    }
  }

  private IllegalArgumentException noDecimal(String found) {
    return wrong(
        "a decimal number without leading zeros",
        found + " (text that looks like a number needs quotes)");
  }

  private IllegalArgumentException wrong(String expected, String found) {
    StringBuilder path = new StringBuilder();
    for (Iterator<Place> up = places.descendingIterator(); up.hasNext(); ) {
      Place place = up.next();
      if (place.index >= 0) {
        path.append('[').append(place.index).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(place.name);
      }
    }
    return new IllegalArgumentException(
        path + (path.isEmpty() ? "" : ": ") + "expected " + expected + ", but found " + found);
  }
}
