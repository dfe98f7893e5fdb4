package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.export.c.CReport;
import io.github.dl4jpruning.export.c.SectionSizes;
import io.github.dl4jpruning.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A table of exported models: a column for each format. */
public final class ExportTable {

  private static final String NONE = "-";
  private static final double NANOS_PER_MICRO = 1e3;

  private final List<String> formats = new ArrayList<>();
  private final Map<String, List<String>> rows = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * Adds a file.
   *
   * @param format its format
   * @param report the check of the file
   * @param micros the time of a prediction in µs where it can be run
   */
  public void add(ExportFormat format, ExportReport report, Optional<Double> micros) {
    begin(format, report);
    cell("bytes", number(report.bytes()));
    compared(report.largestDifference(), report.differentClasses());
    cell("one prediction in µs", micros.map(ExportTable::decimal).orElse(NONE));
  }

  /**
   * Adds C code.
   *
   * @param report the check of the code
   */
  public void add(CReport report) {
    begin(ExportFormat.C, report.plan());
    cell("bytes", number(report.constantBytes()));
    Optional<CReport.Compiled> compiled = report.compiled();
    compared(
        compiled.map(CReport.Compiled::largestDifference).orElse(report.plan().largestDifference()),
        compiled.map(CReport.Compiled::differentClasses).orElse(report.plan().differentClasses()));
    cell(
        "one prediction in µs",
        compiled.map(result -> decimal(result.nanos() / NANOS_PER_MICRO)).orElse(NONE));
    cell("bytes of memory", number(report.memoryBytes()));
    Optional<SectionSizes> sections = compiled.flatMap(CReport.Compiled::sections);
    sections.ifPresent(
        sizes -> {
          cell("section .text", number(sizes.text()));
          cell("section .rodata", number(sizes.constants()));
          cell("section .bss", number(sizes.memory()));
        });
    notes.add("The bytes of C are those of its constant tables.");
  }

  private void begin(ExportFormat format, ExportReport report) {
    if (formats.isEmpty()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d weights are not zero. Compared with DL4J on %,d samples.",
              report.nonZeros(),
              report.weights(),
              report.samples()));
      report
          .unread()
          .forEach(
              (name, channels) ->
                  notes.add(
                      String.format(
                          Locale.ROOT,
                          "Input%s: %,d channels are read by no weight.",
                          name.isEmpty() ? "" : " " + name,
                          channels.size())));
    }
    formats.add(format.toString());
  }

  private void compared(double difference, long classes) {
    cell("largest difference", String.format(Locale.ROOT, "%.2g", difference));
    cell("samples of another class", number(classes));
  }

  /** Sets a cell of the newest column. */
  private void cell(String row, String text) {
    List<String> cells = rows.computeIfAbsent(row, key -> new ArrayList<>());
    while (cells.size() < formats.size() - 1) {
      cells.add(NONE);
    }
    cells.add(text);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  @Override
  public String toString() {
    List<String> header = new ArrayList<>(List.of("export"));
    header.addAll(formats);
    TextTable table = new TextTable(header.toArray(String[]::new));
    rows.forEach(
        (name, cells) -> {
          List<String> row = new ArrayList<>(List.of(name));
          row.addAll(cells);
          while (row.size() < header.size()) {
            row.add(NONE);
          }
          table.row(row.toArray(String[]::new));
        });
    return table + String.join("\n", notes) + "\n";
  }
}
