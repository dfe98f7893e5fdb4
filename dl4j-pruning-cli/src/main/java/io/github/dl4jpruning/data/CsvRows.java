package io.github.dl4jpruning.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.datavec.api.records.reader.impl.csv.CSVRecordReader;
import org.datavec.api.split.InputStreamInputSplit;
import org.datavec.api.writable.Writable;

/**
 * The cells of a CSV file.
 *
 * @param file the file
 * @param rows the rows; each has as many cells as the first
 */
record CsvRows(Path file, List<Row> rows) {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /**
   * A row.
   *
   * @param file its file
   * @param source the number of the file among all that are read
   * @param line its line in the file, from 1
   * @param cells its texts, without blanks around them
   */
  record Row(Path file, int source, long line, List<String> cells) {}

  /**
   * Reads a file; empty lines are left out.
   *
   * @throws IOException if it cannot be read, has no rows, or a row has another number of cells
   */
  static CsvRows read(Path file, char delimiter, int source) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file);
        CSVRecordReader reader = new CSVRecordReader(0, delimiter)) {
      reader.initialize(new InputStreamInputSplit(in));
      for (long line = 1; reader.hasNext(); line++) {
        List<String> cells = cells(file, line, reader);
        if (cells.size() == 1 && cells.get(0).isEmpty()) {
          continue;
        }
        if (!rows.isEmpty() && cells.size() != rows.get(0).cells().size()) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "%s, line %d: expected %d columns, as in line %d, but found %d",
                  file,
                  line,
                  rows.get(0).cells().size(),
                  rows.get(0).line(),
                  cells.size()));
        }
        rows.add(new Row(file, source, line, cells));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(file + ": interrupted", e);
    }
    if (rows.isEmpty()) {
      throw new IOException(file + ": expected rows of data, but found none");
    }
    return new CsvRows(file, rows);
  }

  private static List<String> cells(Path file, long line, CSVRecordReader reader)
      throws IOException {
    List<Writable> record;
    try {
      record = reader.next();
    } catch (RuntimeException e) { // the parser throws various exceptions
      throw new IOException(file + ", line " + line + ": cannot be read: " + e.getMessage(), e);
    }
    List<String> cells = new ArrayList<>();
    for (Writable cell : record) {
      String text = cell.toString().strip();
      boolean first = line == 1 && cells.isEmpty();
      cells.add(first && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1).strip() : text);
    }
    return cells;
  }
}
