package io.github.dl4jpruning.export.c;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of C: identifiers from the names of layers, and text that can stand in a comment. */
final class CNames {

  /** With the longest suffix of a function, 31 characters: those that C compilers tell apart. */
  private static final int LONGEST = 25;

  private static final int LONGEST_COMMENT = 60;

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");
  private static final Pattern OTHERS = Pattern.compile("[^A-Za-z0-9]+");

  /** What may not stand in a comment: it could end it, or be a trigraph. */
  private static final Pattern NOT_IN_COMMENTS = Pattern.compile("[^A-Za-z0-9 .,:;=%()<>+_-]");

  private static final Set<String> KEYWORDS =
      Set.of(
          ("auto break case char const continue default do double else enum extern float for goto"
                  + " if inline int long register restrict return short signed sizeof static struct"
                  + " switch typedef union unsigned void volatile while asm main and and_eq bitand"
                  + " bitor bool catch class compl const_cast delete dynamic_cast explicit export"
                  + " false friend mutable namespace new not not_eq operator or or_eq private"
                  + " protected public reinterpret_cast static_cast template this throw true try"
                  + " typeid typename using virtual wchar_t xor xor_eq")
              .split(" ", -1));

  private final Set<String> taken = new HashSet<>();

  /**
   * Checks the name of a program.
   *
   * @throws IllegalArgumentException if it is not an identifier of C and C++
   */
  static void require(String name) {
    if (!IDENTIFIER.matcher(name).matches() || KEYWORDS.contains(name) || name.length() > LONGEST) {
      throw new IllegalArgumentException(
          "expected a name of letters, digits and _ that starts with a letter, is no keyword of C"
              + " or C++ and has at most "
              + LONGEST
              + " characters, but found '"
              + name
              + "'");
    }
  }

  /** Returns a new identifier that begins with a prefix and looks like a name, if it can. */
  String unique(String prefix, String name) {
    String own = OTHERS.matcher(name).replaceAll("_").replaceAll("^_+|_+$", "");
    String cut = own.substring(0, Math.min(own.length(), LONGEST)).toLowerCase(Locale.ROOT);
    String base = cut.isEmpty() ? prefix : prefix + "_" + cut;
    String identifier = base;
    for (int i = 2; !taken.add(identifier); i++) {
      identifier = base + "_" + i;
    }
    return identifier;
  }

  /** Returns text for a comment, cut to its first characters; unsuitable ones become _. */
  static String comment(String text) {
    String cut = text.substring(0, Math.min(text.length(), LONGEST_COMMENT));
    return NOT_IN_COMMENTS.matcher(cut).replaceAll("_");
  }
}
