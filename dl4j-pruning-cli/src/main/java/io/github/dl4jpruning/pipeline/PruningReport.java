package io.github.dl4jpruning.pipeline;

import com.samskivert.mustache.Mustache;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.compact.CompactSizes;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * What pruning won and lost. {@link #toString} is a table, {@link #toHtml} a page in one file that
 * needs no network connection, {@link #toJson} is for programs.
 *
 * @param model the file of the model
 * @param data what the data is
 * @param metric the score
 * @param before the figures of the dense network
 * @param after the figures of the pruned network
 * @param speedup the time of a prediction in the runtime
 * @param command the command that does it again
 * @param page what the page shows besides
 * @param files the files by what they are
 * @param notes what else is worth knowing
 */
public record PruningReport(
    String model,
    String data,
    Metric metric,
    Figures before,
    Figures after,
    Optional<Speedup> speedup,
    String command,
    Map<String, Object> page,
    Map<String, Path> files,
    List<String> notes) {

  private static final double KILO = 1_000;
  private static final double MICROS = 1_000;

  /** Copies the list. */
  public PruningReport {
    notes = List.copyOf(notes);
  }

  /**
   * The figures of a network.
   *
   * @param score the score on the test samples, and its standard error
   * @param parameters all parameters
   * @param nonZeros weights that are not zero
   * @param sparsity the fraction of the weights that is zero
   * @param macs multiplications with weights that are not zero, for one sample
   * @param bytes the bytes in memory or of the compact file
   */
  public record Figures(
      PruneData.Measured score,
      long parameters,
      long nonZeros,
      double sparsity,
      OptionalLong macs,
      long bytes) {}

  static PruningReport of(
      Path model, String command, PruneSettings settings, PruneData data, PruneResult result) {
    SparsityReport dense = SparsityReport.of(result.dense(), data.form().input());
    SparsityReport sparse = SparsityReport.of(result.network(), data.form().input());
    CompactSizes sizes = result.sizes();
    long floats = result.dense().numParams() * Float.BYTES;
    Figures before = figures(dense, result.denseTest(), result.dense().numParams(), floats);
    Figures after = figures(sparse, result.test(), result.network().numParams(), sizes.compact());
    return new PruningReport(
        String.valueOf(model.getFileName()),
        data.data().title(data.split()),
        settings.metric(),
        before,
        after,
        result.speedup(),
        command,
        ReportPage.of(settings, data, result, sparse),
        result.files(),
        result.notes());
  }

  private static Figures figures(
      SparsityReport report, PruneData.Measured score, long parameters, long bytes) {
    return new Figures(
        score, parameters, report.nonZeros(), report.sparsity(), report.nonZeroMacs(), bytes);
  }

  /** The fraction of the dense network's weights that is gone, with those of whole units. */
  private double removed() {
    return 1 - (double) after.nonZeros() / Math.max(1, before.nonZeros());
  }

  /** Returns the same report with another file. */
  PruningReport with(String what, Path file) {
    Map<String, Path> more = new LinkedHashMap<>(files);
    more.put(what, file);
    return new PruningReport(
        model, data, metric, before, after, speedup, command, page, more, notes);
  }

  /**
   * A line that compares both networks.
   *
   * @param what what is compared
   * @param dense the dense network
   * @param pruned the pruned network
   * @param change how much better or worse
   */
  public record Line(String what, String dense, String pruned, String change) {}

  /**
   * Returns the comparison of both networks.
   *
   * @return the lines
   */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    double change = after.score().value() - before.score().value();
    lines.add(
        new Line(
            "test " + metric,
            text(before.score()),
            text(after.score()),
            metric == Metric.ACCURACY
                ? String.format(Locale.ROOT, "%+.2f points", 100 * change)
                : String.format(Locale.ROOT, "%+.4f", change)));
    lines.add(line("weights not zero", before.nonZeros(), after.nonZeros()));
    lines.add(line("parameters", before.parameters(), after.parameters()));
    if (before.macs().isPresent() && after.macs().isPresent()) {
      lines.add(line("multiplications", before.macs().getAsLong(), after.macs().getAsLong()));
    }
    lines.add(
        new Line(
            "size",
            bytes(before.bytes()),
            bytes(after.bytes()),
            ratio((double) before.bytes() / after.bytes())));
    speedup.ifPresent(
        time ->
            lines.add(
                new Line(
                    "one prediction in the runtime",
                    String.format(Locale.ROOT, "%,.1f µs", MICROS * time.before()),
                    String.format(Locale.ROOT, "%,.1f µs", MICROS * time.after()),
                    String.format(
                        Locale.ROOT,
                        "%.2f× (%.2f–%.2f)",
                        time.ratio(),
                        time.lower(),
                        time.upper()))));
    return lines;
  }

  private String text(PruneData.Measured score) {
    String value = metric.format(score.value());
    if (Double.isNaN(score.error())) {
      return value;
    }
    return metric == Metric.ACCURACY
        ? value + String.format(Locale.ROOT, " ± %.2f", 100 * score.error())
        : value + String.format(Locale.ROOT, " ± %.4f", score.error());
  }

  private static Line line(String what, long dense, long pruned) {
    return new Line(
        what,
        String.format(Locale.ROOT, "%,d", dense),
        String.format(Locale.ROOT, "%,d", pruned),
        ratio((double) dense / Math.max(1, pruned)));
  }

  private static String ratio(double times) {
    return String.format(Locale.ROOT, "%.1f× less", times);
  }

  static String bytes(long count) {
    return count < KILO ? count + " bytes" : String.format(Locale.ROOT, "%,.1f kB", count / KILO);
  }

  /** Returns a table for users. */
  @Override
  public String toString() {
    TextTable table = new TextTable("", "dense", "pruned", "");
    for (Line line : lines()) {
      table.row(line.what(), line.dense(), line.pruned(), line.change());
    }
    StringBuilder text = new StringBuilder(table.toString());
    notes.forEach(note -> text.append("note: ").append(note).append('\n'));
    return text.toString();
  }

  /**
   * Returns the report as a page.
   *
   * @return HTML in one file: styles and pictures are in it
   */
  public String toHtml() {
    Map<String, Object> all = new LinkedHashMap<>(page);
    all.put("model", model);
    all.put("data", data);
    all.put("metric", metric.toString());
    all.put("command", command);
    all.put("notes", notes);
    all.put("hasNotes", !notes.isEmpty());
    all.put("removed", Percent.of(removed()));
    List<Line> lines = lines();
    all.put("score", lines.get(0));
    all.put("gains", lines.subList(1, lines.size()));
    all.put(
        "files",
        files.entrySet().stream()
            .map(
                entry ->
                    Map.of(
                        "what", entry.getKey(), "name", entry.getValue().getFileName().toString()))
            .toList());
    try (InputStream template =
        Objects.requireNonNull(PruningReport.class.getResourceAsStream("report.mustache"))) {
      return Mustache.compiler()
          .emptyStringIsFalse(true)
          .compile(new String(template.readAllBytes(), StandardCharsets.UTF_8))
          .execute(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the figures as JSON.
   *
   * @return {@code model}, {@code metric}, {@code dense} and {@code pruned} (score, error,
   *     parameters, nonZeros, sparsity, macs, bytes), {@code command}, {@code notes}; values that
   *     are not known are null
   */
  public String toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("model", model).put("data", data).put("metric", metric.toString());
    put(root.putObject("dense"), before);
    put(root.putObject("pruned"), after);
    speedup.ifPresent(
        time -> root.putObject("millis").put("dense", time.before()).put("pruned", time.after()));
    root.put("command", command);
    notes.forEach(root.putArray("notes")::add);
    return root.toPrettyString() + "\n";
  }

  private static void put(ObjectNode node, Figures figures) {
    double error = figures.score().error();
    node.put("score", figures.score().value());
    node.put("error", Double.isNaN(error) ? null : (Double) error);
    node.put("parameters", figures.parameters()).put("nonZeros", figures.nonZeros());
    node.put("sparsity", figures.sparsity());
    node.put("macs", figures.macs().isPresent() ? (Long) figures.macs().getAsLong() : null);
    node.put("bytes", figures.bytes());
  }
}
