package io.github.dl4jpruning.data;

import java.util.List;

/**
 * A column of a table.
 *
 * @param name its name, or its number from 1 in a file without a header
 * @param categories the texts that it holds, sorted; empty for numbers
 */
public record Column(String name, List<String> categories) {

  /** Copies the list. */
  public Column {
    categories = List.copyOf(categories);
  }

  /**
   * Returns whether it holds numbers.
   *
   * @return false for texts
   */
  public boolean isNumber() {
    return categories.isEmpty();
  }

  /**
   * Returns how many inputs of a network it takes.
   *
   * @return 1 for numbers, one for each text otherwise
   */
  public int width() {
    return isNumber() ? 1 : categories.size();
  }
}
