package io.github.dl4jpruning.export.c;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The constant tables of a program. Equal tables are written once. */
final class CTables {

  private static final int LINE = 110;

  /** Of all tables; their text is three times as long, which compilers still take. */
  private static final long MOST_BYTES = 1L << 26;

  private final CNames names = new CNames();
  private final Map<String, String> nameOfContent = new LinkedHashMap<>();
  private final List<String> texts = new ArrayList<>();
  private long bytes;

  /** Adds floats and returns the name of their table; 0, the null pointer, if there are none. */
  String floats(String layer, String what, float... values) {
    return values.length == 0
        ? "0"
        : table("float", Float.BYTES, layer, what, values.length, i -> number(values[i]));
  }

  /** Adds whole numbers, with a sign or without. */
  String integers(String type, int width, String layer, String what, int... values) {
    // C has no arrays without elements.
    int[] some = values.length == 0 ? new int[1] : values;
    return table(type, width, layer, what, some.length, i -> Integer.toString(some[i]));
  }

  /** Adds a structure whose fields are lists of numbers. */
  String structure(String type, int width, String layer, String what, List<List<Integer>> fields) {
    StringBuilder content = new StringBuilder();
    int count = 0;
    for (List<Integer> field : fields) {
      content.append(content.length() == 0 ? "" : ", ");
      content.append(field.toString().replace('[', '{').replace(']', '}'));
      count += field.size();
    }
    return named(type, layer, what, "", "{" + content + "}", (long) width * count);
  }

  private String table(
      String type, int width, String layer, String what, int count, IntFunction<String> element) {
    if (bytes + (long) width * count > MOST_BYTES) {
      throw new IllegalArgumentException(
          "layer "
              + layer
              + ": expected a network whose constants take at most "
              + MOST_BYTES
              + " bytes as C, but they take more; the other formats have no such limit");
    }
    StringBuilder content = new StringBuilder("{");
    int line = content.length();
    for (int i = 0; i < count; i++) {
      String text = element.apply(i);
      if (content.length() - line + text.length() > LINE) {
        content.append("\n ");
        line = content.length();
      }
      content.append(i == 0 ? "" : " ").append(text).append(i + 1 < count ? "," : "");
    }
    content.append('}');
    String array = "[" + count + "]";
    return named(type, layer, what, array, content.toString(), (long) width * count);
  }

  private String named(
      String type, String layer, String what, String array, String content, long size) {
    return nameOfContent.computeIfAbsent(
        type + array + content,
        key -> {
          String name = names.unique("t", layer + "_" + what);
          texts.add("static const " + type + " " + name + array + " = " + content + ";");
          bytes += size;
          return name;
        });
  }

  /** Returns a float of C that is exactly this number. */
  static String number(float value) {
    if (Float.isNaN(value)) {
      return "NAN";
    } else if (Float.isInfinite(value)) {
      return value > 0 ? "INFINITY" : "-INFINITY";
    }
    return value + "f";
  }

  /** Returns the bytes of all tables. */
  long bytes() {
    return bytes;
  }

  List<String> texts() {
    return texts;
  }
}
