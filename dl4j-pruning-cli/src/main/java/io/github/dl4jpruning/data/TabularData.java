package io.github.dl4jpruning.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

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

  private static final Set<String> MISSING = Set.of("", "?", "na", "n/a", "nan", "null", "none");

  /** A column of more texts is rather a name or a key than a category. */
  private static final int MOST_TEXTS = 1_000;

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
    return new Reader(CsvRows.read(file, options.delimiter()), options).data();
  }

  /** Reads one file. */
  private static final class Reader {
    private final Path file;
    private final TabularOptions options;
    private final List<String> names;
    private final List<CsvRows.Row> rows;

    Reader(CsvRows csv, TabularOptions options) {
      this.file = csv.file();
      this.options = options;
      boolean header = options.header().orElseGet(() -> hasHeader(csv.rows()));
      int width = csv.rows().get(0).cells().size();
      this.names =
          header
              ? csv.rows().get(0).cells()
              : IntStream.rangeClosed(1, width).mapToObj(Integer::toString).toList();
      this.rows = new ArrayList<>(csv.rows().subList(header ? 1 : 0, csv.rows().size()));
    }

    /** A first row is a header if a cell of it is no number, but all others of its column are. */
    private static boolean hasHeader(List<CsvRows.Row> rows) {
      return rows.size() > 1
          && IntStream.range(0, rows.get(0).cells().size())
              .anyMatch(
                  c ->
                      number(rows.get(0).cells().get(c)).isEmpty()
                          && !isMissing(rows.get(0).cells().get(c))
                          && rows.subList(1, rows.size()).stream()
                              .map(row -> row.cells().get(c))
                              .filter(text -> !isMissing(text))
                              .allMatch(text -> number(text).isPresent()));
    }

    TabularData data() throws IOException {
      List<Integer> predicted = indices(options.labels());
      if (predicted.isEmpty()) {
        predicted = List.of(names.size() - 1);
      }
      List<Integer> left = indices(options.ignored());
      List<Integer> labels = predicted;
      List<Integer> features =
          IntStream.range(0, names.size())
              .filter(c -> !labels.contains(c) && !left.contains(c))
              .boxed()
              .toList();
      if (features.isEmpty()) {
        throw new IllegalArgumentException(
            file + ": expected columns besides the labels, but found only " + names);
      }
      List<Integer> read = new ArrayList<>(features);
      read.addAll(labels);
      settleMissing(read);
      List<Column> inputs = new ArrayList<>();
      for (int c : features) {
        inputs.add(column(c));
      }
      List<Column> outputs = new ArrayList<>();
      for (int c : labels) {
        outputs.add(column(c));
      }
      List<String> classes = classes(labels, outputs);
      float[][] x = encoded(features, inputs);
      float[][] y = classes.isEmpty() ? encoded(labels, outputs) : oneHot(labels.get(0), classes);
      return new TabularData(
          inputs, outputs, classes, new DataSet(Nd4j.createFromArray(x), Nd4j.createFromArray(y)));
    }

    private List<Integer> indices(List<String> columns) {
      List<Integer> indices = new ArrayList<>();
      for (String column : columns) {
        int index = names.indexOf(column);
        if (index < 0 && column.matches("[1-9][0-9]{0,6}")) {
          index = Integer.parseInt(column) - 1;
        }
        if (index < 0 || index >= names.size()) {
          throw new IllegalArgumentException(
              file + ": expected one of the columns " + names + ", but found " + column);
        }
        indices.add(index);
      }
      return indices;
    }

    private static boolean isMissing(String text) {
      return MISSING.contains(text.toLowerCase(Locale.ROOT));
    }

    private static OptionalDouble number(String text) {
      try {
        double value = Double.parseDouble(text);
        return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
      } catch (NumberFormatException e) {
        return OptionalDouble.empty();
      }
    }

    private void settleMissing(List<Integer> columns) throws IOException {
      if (options.missing() == TabularOptions.Missing.DROP) {
        rows.removeIf(row -> columns.stream().anyMatch(c -> isMissing(row.cells().get(c))));
      } else if (options.missing() == TabularOptions.Missing.FILL) {
        columns.forEach(this::fill);
      }
      if (rows.isEmpty()) {
        throw new IOException(file + ": expected rows of data, but found none that is complete");
      }
      for (CsvRows.Row row : rows) {
        for (int c : columns) {
          if (isMissing(row.cells().get(c))) {
            throw new IOException(
                String.format(
                    Locale.ROOT,
                    "%s, line %d: expected a value in column %s, but found '%s'; leave such rows"
                        + " out, or fill the gaps",
                    file,
                    row.line(),
                    names.get(c),
                    row.cells().get(c)));
          }
        }
      }
    }

    private void fill(int column) {
      List<String> present =
          rows.stream().map(row -> row.cells().get(column)).filter(t -> !isMissing(t)).toList();
      if (present.isEmpty() || present.size() == rows.size()) {
        return;
      }
      String value;
      if (present.stream().allMatch(text -> number(text).isPresent())) {
        double sum = present.stream().mapToDouble(text -> number(text).orElseThrow()).sum();
        value = Double.toString(sum / present.size());
      } else {
        Map<String, Integer> counts = new HashMap<>();
        present.forEach(text -> counts.merge(text, 1, Integer::sum));
        value =
            new TreeSet<>(counts.keySet())
                .stream()
                    .max(
                        java.util.Comparator.comparing(
                            text -> Objects.requireNonNull(counts.get(text), text)))
                    .orElseThrow();
      }
      for (int r = 0; r < rows.size(); r++) {
        CsvRows.Row row = rows.get(r);
        if (isMissing(row.cells().get(column))) {
          List<String> cells = new ArrayList<>(row.cells());
          cells.set(column, value);
          rows.set(r, new CsvRows.Row(row.line(), cells));
        }
      }
    }

    private Column column(int index) {
      if (rows.stream().allMatch(row -> number(row.cells().get(index)).isPresent())) {
        return new Column(names.get(index), List.of());
      }
      Set<String> texts = new TreeSet<>();
      rows.forEach(row -> texts.add(row.cells().get(index)));
      if (texts.size() > MOST_TEXTS) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s: expected numbers or categories in column %s, but found %,d different texts;"
                    + " leave the column out",
                file,
                names.get(index),
                texts.size()));
      }
      return new Column(names.get(index), List.copyOf(texts));
    }

    private List<String> classes(List<Integer> labels, List<Column> columns) {
      if (labels.size() == 1 && !columns.get(0).isNumber()) {
        return columns.get(0).categories();
      }
      if (labels.size() != 1 || options.classes() == 0) {
        return List.of();
      }
      for (CsvRows.Row row : rows) {
        double value = number(row.cells().get(labels.get(0))).orElseThrow();
        if (value != Math.rint(value) || value < 0 || value >= options.classes()) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "%s, line %d: expected a class of 0 to %d in column %s, but found %s",
                  file,
                  row.line(),
                  options.classes() - 1,
                  columns.get(0).name(),
                  row.cells().get(labels.get(0))));
        }
      }
      return IntStream.range(0, options.classes()).mapToObj(Integer::toString).toList();
    }

    private float[][] encoded(List<Integer> indices, List<Column> columns) {
      int width = columns.stream().mapToInt(Column::width).sum();
      float[][] all = new float[rows.size()][width];
      for (int r = 0; r < all.length; r++) {
        int at = 0;
        for (int i = 0; i < columns.size(); i++) {
          String text = rows.get(r).cells().get(indices.get(i));
          Column column = columns.get(i);
          if (column.isNumber()) {
            all[r][at] = (float) number(text).orElseThrow();
          } else {
            all[r][at + column.categories().indexOf(text)] = 1f;
          }
          at += column.width();
        }
      }
      return all;
    }

    private float[][] oneHot(int index, List<String> classes) {
      float[][] all = new float[rows.size()][classes.size()];
      for (int r = 0; r < all.length; r++) {
        String text = rows.get(r).cells().get(index);
        int found = classes.indexOf(text);
        all[r][found >= 0 ? found : (int) number(text).orElseThrow()] = 1f;
      }
      return all;
    }
  }
}
