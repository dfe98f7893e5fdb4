package io.github.dl4jpruning.select;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Names as given by the user: plain, or with {@code *} for any characters and {@code ?} for one.
 * Every name must match something, so that typing errors are found.
 *
 * @param patterns the names, at least one
 */
public record LayerNames(List<String> patterns) {

  /** Longest regular expression; the parser recurses once per bracket. */
  private static final int LONGEST = 1_000;

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if there is none, or one is null or blank
   */
  public LayerNames {
    if (patterns == null || patterns.isEmpty()) {
      throw new IllegalArgumentException("expected at least one name, but found none");
    }
    for (String pattern : patterns) {
      if (pattern == null || pattern.isBlank()) {
        throw new IllegalArgumentException("expected names, but one of " + patterns + " is blank");
      }
    }
    patterns = List.copyOf(patterns);
  }

  static LayerNames of(String what, String... names) {
    try {
      return new LayerNames(Arrays.asList(names));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns whether one of the patterns matches.
   *
   * @param name the name of a layer (or of something else)
   * @return true if so
   */
  public boolean match(String name) {
    return patterns.stream().anyMatch(pattern -> fits(pattern, name));
  }

  /**
   * Returns the patterns that match nothing.
   *
   * @param present the existing names
   * @return the {@link #patterns} that match none of them
   */
  public List<String> missing(Collection<String> present) {
    return patterns.stream()
        .filter(pattern -> present.stream().noneMatch(name -> fits(pattern, name)))
        .toList();
  }

  /**
   * Returns whether a name matches a pattern with * and ?. On a mismatch, only the last * is
   * extended by one character, which is sufficient; so it takes at most pattern length times name
   * length steps.
   */
  private static boolean fits(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int taken = 0;
    while (n < name.length()) {
      char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
      if (wanted == '*') {
        star = p++;
        taken = n;
      } else if (p < pattern.length() && (wanted == '?' || wanted == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++taken;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /** Compiles a regular expression; the exception states the error in one line. */
  static Pattern regex(String text) {
    if (text == null || text.isEmpty()) {
      throw new IllegalArgumentException("expected a regular expression, but found nothing");
    }
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "expected a regular expression of at most "
              + LONGEST
              + " letters, but found one of "
              + text.length());
    }
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "expected a regular expression, but found '" + text + "': " + e.getDescription(), e);
    }
  }

  @Override
  public String toString() {
    return patterns.toString();
  }
}
