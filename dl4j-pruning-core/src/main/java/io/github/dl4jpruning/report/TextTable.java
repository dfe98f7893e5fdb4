package io.github.dl4jpruning.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A table for a terminal. Columns are as wide as their content; the first is left-aligned, the
 * others right-aligned.
 */
public final class TextTable {

  private static final String GAP = "   ";

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<Integer> rules = new ArrayList<>();

  /**
   * Creates a table without rows.
   *
   * @param header the titles of the columns, at least one
   */
  public TextTable(String... header) {
    this.header = List.of(header);
  }

  /**
   * Adds a row.
   *
   * @param cells one text per column
   * @return this table
   * @throws IllegalArgumentException if there are more or fewer cells than columns
   */
  public TextTable row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "expected " + header.size() + " cells, but found " + cells.length);
    }
    rows.add(List.of(cells));
    return this;
  }

  /**
   * Draws a line under the last row.
   *
   * @return this table
   */
  public TextTable rule() {
    rules.add(rows.size());
    return this;
  }

  @Override
  public String toString() {
    int columns = header.size();
    int[] widths = new int[columns];
    for (int c = 0; c < columns; c++) {
      widths[c] = header.get(c).length();
      for (List<String> row : rows) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    int total = GAP.length() * (columns - 1);
    for (int width : widths) {
      total += width;
    }
    String line = "─".repeat(total) + "\n";
    StringBuilder text = new StringBuilder();
    append(text, header, widths);
    text.append(line);
    for (int r = 0; r < rows.size(); r++) {
      if (r > 0 && rules.contains(r)) {
        text.append(line);
      }
      append(text, rows.get(r), widths);
    }
    return text.toString();
  }

  /** The first column is left-aligned, the others right-aligned. */
  private static void append(StringBuilder text, List<String> cells, int[] widths) {
    StringBuilder row = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String pad = " ".repeat(widths[c] - cells.get(c).length());
      row.append(c == 0 ? cells.get(c) + pad : GAP + pad + cells.get(c));
    }
    text.append(row.toString().stripTrailing()).append('\n');
  }
}
