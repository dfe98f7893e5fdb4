package io.github.dl4jpruning.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A table from a CSV file as data for a network: numbers as they are, texts as one input for each
 * text (one-hot, in alphabetical order).
 *
 * <pre>{@code
 * TabularData iris = TabularData.read(Path.of("iris.csv"), TabularOptions.defaults());
 * network.fit(iris.dataSet());
 * }</pre>
 *
 * @param features the columns that a network reads
 * @param labels the columns that it predicts
 * @param classes the classes, if it predicts one column of classes; empty for numbers
 * @param dataSet features and labels: one row for each row of the file
 */
public record TabularData(
    List<Column> features, List<Column> labels, List<String> classes, DataSet dataSet) {

  /** Copies the lists. */
  public TabularData {
    features = List.copyOf(features);
    labels = List.copyOf(labels);
    classes = List.copyOf(classes);
  }

  /**
   * Reads a file.
   *
   * @param file a CSV file in UTF-8
   * @param options the columns to predict, the header, missing values
   * @return the data
   * @throws IOException if a row cannot be read, has another number of columns or a missing value;
   *     the message has the line
   * @throws IllegalArgumentException if there is no such column, or the labels are not classes
   */
  public static TabularData read(Path file, TabularOptions options) throws IOException {
    return new TableReader(List.of(CsvRows.read(file, options.delimiter(), 0)), options).data();
  }
}
