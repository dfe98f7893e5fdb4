package io.github.dl4jpruning.data;

import java.util.List;
import java.util.Optional;

/**
 * How a table is read. Each method returns a copy with one changed option.
 *
 * @param labels the columns that a network predicts, by name or by number from 1; empty for the
 *     last column
 * @param ignored the columns that are left out, by name or by number from 1
 * @param header whether the first row has names; empty to find out
 * @param delimiter what stands between cells
 * @param missing what to do with a row in which a value is missing
 * @param classes the number of classes if a column of whole numbers holds classes; 0 if it holds
 *     numbers
 */
public record TabularOptions(
    List<String> labels,
    List<String> ignored,
    Optional<Boolean> header,
    char delimiter,
    Missing missing,
    int classes) {

  /** What to do with a row in which a value is missing. */
  public enum Missing {
    /** Refuse the file, and name the row. */
    REFUSE,
    /** Leave the row out. */
    DROP,
    /** Put the mean of the column for a number, and the most frequent text for a text. */
    FILL
  }

  /** Copies the lists. */
  public TabularOptions {
    labels = List.copyOf(labels);
    ignored = List.copyOf(ignored);
  }

  /**
   * Returns the default options: commas, the last column is predicted, no value may be missing.
   *
   * @return the default options
   */
  public static TabularOptions defaults() {
    return new TabularOptions(List.of(), List.of(), Optional.empty(), ',', Missing.REFUSE, 0);
  }

  /**
   * Sets the columns that a network predicts.
   *
   * @param columns names, or numbers from 1
   * @return new options
   */
  public TabularOptions withLabels(String... columns) {
    return new TabularOptions(List.of(columns), ignored, header, delimiter, missing, classes);
  }

  /**
   * Sets the columns that are left out.
   *
   * @param columns names, or numbers from 1
   * @return new options
   */
  public TabularOptions ignoring(String... columns) {
    return new TabularOptions(labels, List.of(columns), header, delimiter, missing, classes);
  }

  /**
   * Sets whether the first row has names.
   *
   * @param names whether it has
   * @return new options
   */
  public TabularOptions withHeader(boolean names) {
    return new TabularOptions(labels, ignored, Optional.of(names), delimiter, missing, classes);
  }

  /**
   * Sets what stands between cells.
   *
   * @param character a comma, a semicolon or a tab, for instance
   * @return new options
   */
  public TabularOptions withDelimiter(char character) {
    return new TabularOptions(labels, ignored, header, character, missing, classes);
  }

  /**
   * Sets what to do with a row in which a value is missing.
   *
   * @param how what to do
   * @return new options
   */
  public TabularOptions withMissing(Missing how) {
    return new TabularOptions(labels, ignored, header, delimiter, how, classes);
  }

  /**
   * Sets the number of classes: a single column of whole numbers from 0 is then a column of
   * classes, and not of numbers to predict.
   *
   * @param number the outputs of a classifier
   * @return new options
   */
  public TabularOptions withClasses(int number) {
    return new TabularOptions(labels, ignored, header, delimiter, missing, number);
  }
}
