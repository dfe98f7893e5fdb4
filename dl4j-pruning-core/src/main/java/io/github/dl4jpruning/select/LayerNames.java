package io.github.dl4jpruning.select;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Names as a person gives them: plain, or with {@code *} for any characters and {@code ?} for one.
 * Whatever is meant by it has to exist, so that a name that was mistyped is found out.
 *
 * @param patterns the names, at least one
 */
public record LayerNames(List<String> patterns) {

  /** Of a regular expression; to read it goes deeper with each bracket. */
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
   * Whether one of the names fits.
   *
   * @param name the name of a layer (or of something else)
   * @return true if so
   */
  public boolean match(String name) {
    return patterns.stream().anyMatch(pattern -> fits(pattern, name));
  }

  /**
   * The names that fit nothing.
   *
   * @param present what there is
   * @return those of {@link #patterns} that fit none of it
   */
  public List<String> missing(Collection<String> present) {
    return patterns.stream()
        .filter(pattern -> present.stream().noneMatch(name -> fits(pattern, name)))
        .toList();
  }

  /**
   * Whether a name fits a pattern with * and ?. Where it does not go on, only the last * is made to
   * take one character more, which is enough; so it takes at most length times length steps.
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

  /** Compiles a regular expression, or says in one line what is wrong with it. */
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
