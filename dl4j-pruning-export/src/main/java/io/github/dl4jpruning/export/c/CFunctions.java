package io.github.dl4jpruning.export.c;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The C functions that a program calls: only those, each after the functions that it calls. */
final class CFunctions {

  private static final String BEGIN = "/// ";

  private static final Map<String, Section> SECTIONS =
      loaded("matrices.c", "planes.c", "vectors.c", "activations.c");

  private record Section(List<String> calls, String text) {}

  /** The texts of functions by their names. */
  private final Map<String, String> used = new LinkedHashMap<>();

  private static Map<String, Section> loaded(String... files) {
    Map<String, Section> sections = new LinkedHashMap<>();
    for (String file : files) {
      String[] parts = resource(file).split("(?m)^" + BEGIN, -1);
      for (int i = 1; i < parts.length; i++) { // the first part describes the file
        int line = parts[i].indexOf('\n');
        String[] head = parts[i].substring(0, line).split(":", -1);
        List<String> calls = new ArrayList<>();
        for (String call : head[1].split(",", -1)) {
          if (!call.isBlank()) {
            calls.add(call.strip());
          }
        }
        sections.put(head[0], new Section(calls, parts[i].substring(line + 1).strip()));
      }
    }
    return sections;
  }

  /** Returns the text of a file of this package. */
  static String resource(String file) {
    try (InputStream in = CFunctions.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("expected the resource " + file + " in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a function and returns its name. */
  String use(String name) {
    return use(name, name, Map.of());
  }

  /**
   * Adds a form of a function, and returns its name.
   *
   * @param section the name of the template
   * @param name the name of the form
   * @param replacements what is put for the words in capitals
   */
  String use(String section, String name, Map<String, String> replacements) {
    if (!used.containsKey(name)) {
      Section found = SECTIONS.get(section);
      if (found == null) {
        throw new IllegalStateException("expected a C function " + section + ", but there is none");
      }
      found.calls().forEach(this::use);
      String text = found.text();
      for (Map.Entry<String, String> one : replacements.entrySet()) {
        text = text.replace(one.getKey(), one.getValue());
      }
      used.put(name, text);
    }
    return name;
  }

  /** Replaces what a pattern finds in a function. */
  void rewrite(String name, Pattern pattern, String by) {
    used.computeIfPresent(name, (key, text) -> pattern.matcher(text).replaceAll(by));
  }

  /** Replaces the lines of a function that have this text, or leaves them out. */
  void replaceLine(String name, String line, String by) {
    Pattern whole = Pattern.compile("\n( *)" + Pattern.quote(line) + "(?=\n)");
    rewrite(name, whole, by.isEmpty() ? "" : "\n$1" + Matcher.quoteReplacement(by));
  }

  Collection<String> texts() {
    return used.values();
  }
}
