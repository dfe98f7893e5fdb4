package io.github.dl4jpruning.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns the rows of CSV files into numbers. Several files are read as one table, so that a text has
 * the same place in all of them.
 */
final class TableReader {

  private static final Set<String> MISSING = Set.of("", "?", "na", "n/a", "nan", "null", "none");

  /** A column of more texts is rather a name or a key than a category. */
  private static final int MOST_TEXTS = 1_000;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

  /** Fewer texts among numbers than one in this many are rather errors. */
  private static final int FEW = 20;

  private final Path file;
  private final TabularOptions options;
  private final List<String> names;
  private final List<CsvRows.Row> rows = new ArrayList<>();

  /**
   * Joins the rows of some files.
   *
   * @throws IOException if a file has other columns than the first
   */
  TableReader(List<CsvRows> files, TabularOptions options) throws IOException {
    CsvRows first = files.get(0);
    this.file = first.file();
    this.options = options;
    boolean header = options.header().orElseGet(() -> hasHeader(first.rows()));
    List<String> top = first.rows().get(0).cells();
    this.names =
        header ? top : IntStream.rangeClosed(1, top.size()).mapToObj(Integer::toString).toList();
    for (CsvRows csv : files) {
      List<String> found = csv.rows().get(0).cells();
      if (header ? !found.equals(top) : found.size() != top.size()) {
        throw new IOException(
            csv.file()
                + ": expected the columns of "
                + file
                + ", "
                + (header ? names : top.size())
                + ", but found "
                + (header ? found : found.size()));
      }
      rows.addAll(csv.rows().subList(header ? 1 : 0, csv.rows().size()));
    }
  }

  /** Returns the file of each row of the data, by its number among the files. */
  int[] sources() {
    return rows.stream().mapToInt(CsvRows.Row::source).toArray();
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

  /** Which columns are read. */
  enum Use {
    BOTH,
    FEATURES,
    LABELS
  }

  /**
   * The numbers of a table.
   *
   * @param features the columns of x
   * @param labels the columns of y
   * @param classes the classes of a single column of labels; empty for numbers
   * @param x rows × inputs
   * @param y rows × outputs
   */
  @SuppressWarnings("ArrayRecordComponent") // large, and only handed on
  record Encoded(
      List<Column> features, List<Column> labels, List<String> classes, float[][] x, float[][] y) {

    /**
     * Returns whether the labels are numbers of classes: a single column for several outputs, or
     * one of 0 and 1 alone.
     */
    boolean hasClassNumbers(int outputs) {
      if (!classes.isEmpty() || labels.size() != 1) {
        return false;
      }
      boolean zeros = Arrays.stream(y).anyMatch(row -> row[0] == 0f);
      boolean ones = Arrays.stream(y).anyMatch(row -> row[0] == 1f);
      boolean others = Arrays.stream(y).anyMatch(row -> row[0] != 0f && row[0] != 1f);
      return outputs > 1 || (zeros && ones && !others);
    }

    /**
     * Returns y for a network.
     *
     * @param outputs the outputs of the network; one is enough for two classes
     * @throws IllegalArgumentException if the labels do not fit
     */
    float[][] labelsFor(int outputs, Path file) {
      if (outputs == 1 && classes.size() == 2) {
        float[][] second = new float[y.length][1];
        for (int r = 0; r < y.length; r++) {
          second[r][0] = y[r][1];
        }
        return second;
      }
      if (y[0].length != outputs) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s: expected %d %s, as many as the model has outputs, in %s, but found %d%s",
                file,
                outputs,
                classes.isEmpty() ? "values" : "classes",
                labels.stream().map(Column::name).toList(),
                y[0].length,
                classes.isEmpty() ? "" : " " + shortened(classes)));
      }
      return y;
    }

    private static List<String> shortened(List<String> names) {
      int most = 10;
      List<String> first = new ArrayList<>(names.subList(0, Math.min(most, names.size())));
      if (names.size() > most) {
        first.add("…");
      }
      return first;
    }
  }

  TabularData data() throws IOException {
    Encoded all = encoded(Use.BOTH);
    return new TabularData(
        all.features(),
        all.labels(),
        all.classes(),
        new DataSet(Nd4j.createFromArray(all.x()), Nd4j.createFromArray(all.y())));
  }

  /** Reads the columns; the columns of labels are left out if they are not read. */
  Encoded encoded(Use use) throws IOException {
    List<Integer> labels = use == Use.FEATURES ? List.of() : indices(options.labels());
    if (labels.isEmpty() && use != Use.FEATURES) {
      labels = List.of(names.size() - 1);
    }
    List<Integer> left = new ArrayList<>(labels);
    left.addAll(indices(options.labels()));
    left.addAll(indices(options.ignored()));
    List<Integer> features =
        use == Use.LABELS
            ? List.of()
            : IntStream.range(0, names.size()).filter(c -> !left.contains(c)).boxed().toList();
    if (features.isEmpty() && use != Use.LABELS) {
      throw new IllegalArgumentException(
          file + ": expected columns besides the labels, but found only " + names);
    }
    List<Integer> read = new ArrayList<>(features);
    read.addAll(labels);
    settleMissing(read, features);
    List<Column> inputs = columns(features);
    List<Column> outputs = columns(labels);
    List<String> classes = use == Use.FEATURES ? List.of() : classes(labels, outputs);
    float[][] x = encoded(features, inputs);
    float[][] y = classes.isEmpty() ? encoded(labels, outputs) : oneHot(labels.get(0), classes);
    return new Encoded(inputs, outputs, classes, x, y);
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
    if (!NUMBER.matcher(text).matches()) {
      return OptionalDouble.empty();
    }
    double value = Double.parseDouble(text);
    return Float.isFinite((float) value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private void settleMissing(List<Integer> columns, List<Integer> features) throws IOException {
    if (options.missing() == TabularOptions.Missing.DROP) {
      rows.removeIf(row -> columns.stream().anyMatch(c -> isMissing(row.cells().get(c))));
    } else if (options.missing() == TabularOptions.Missing.FILL) {
      features.forEach(this::fill); // a label that is made up teaches nothing
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
                  row.file(),
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
                  .max(Comparator.comparing(text -> Objects.requireNonNull(counts.get(text), text)))
                  .orElseThrow();
    }
    for (int r = 0; r < rows.size(); r++) {
      CsvRows.Row row = rows.get(r);
      if (isMissing(row.cells().get(column))) {
        List<String> cells = new ArrayList<>(row.cells());
        cells.set(column, value);
        rows.set(r, new CsvRows.Row(row.file(), row.source(), row.line(), cells));
      }
    }
  }

  private List<Column> columns(List<Integer> indices) throws IOException {
    List<Column> columns = new ArrayList<>();
    for (int index : indices) {
      columns.add(column(index));
    }
    return columns;
  }

  private Column column(int index) throws IOException {
    if (rows.stream().allMatch(row -> number(row.cells().get(index)).isPresent())) {
      return new Column(names.get(index), List.of());
    }
    List<CsvRows.Row> odd =
        rows.stream().filter(row -> number(row.cells().get(index)).isEmpty()).toList();
    if (odd.size() * FEW <= rows.size()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s, line %d: expected a number in column %s, as in nearly all rows, but found '%s'",
              odd.get(0).file(),
              odd.get(0).line(),
              names.get(index),
              odd.get(0).cells().get(index)));
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
                row.file(),
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
