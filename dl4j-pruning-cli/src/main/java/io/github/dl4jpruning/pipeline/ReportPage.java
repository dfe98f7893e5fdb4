package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.compact.CompactSizes;
import io.github.dl4jpruning.data.Column;
import io.github.dl4jpruning.data.TabularData;
import io.github.dl4jpruning.report.TensorSparsity;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityResult.LayerSensitivity;
import io.github.dl4jpruning.tune.SensitivityResult.Probe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a page shows besides the comparison, in the words of its template. */
final class ReportPage {

  private static final int MOST_NAMED = 30;

  private final PruneSettings settings;
  private final PruneResult result;
  private final Map<String, Object> page = new LinkedHashMap<>();

  private ReportPage(PruneSettings settings, PruneResult result) {
    this.settings = settings;
    this.result = result;
  }

  static Map<String, Object> of(
      PruneSettings settings, PruneData data, PruneResult result, SparsityReport sparse) {
    ReportPage page = new ReportPage(settings, result);
    page.curve();
    page.layers(sparse);
    page.bytes(result.sizes());
    page.scan();
    page.unread(data);
    List<MaskPicture> pictures = MaskPicture.of(result.network(), data);
    page.page.put("pictures", pictures);
    page.page.put("hasPictures", !pictures.isEmpty());
    page.page.put("recipe", page.recipe());
    page.page.put(
        "validation", String.format(Locale.ROOT, "%,d", data.split().validation().length));
    page.page.put("test", String.format(Locale.ROOT, "%,d", data.split().test().length));
    page.page.put(
        "normalizer", data.normalizer().map(n -> n.getClass().getSimpleName()).orElse("none"));
    return page.page;
  }

  /** The rounds as a curve of the score over the sparsity, and as rows. */
  private void curve() {
    List<LineChart.Point> points = new ArrayList<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    result
        .structured()
        .ifPresent(
            units -> {
              for (PruningRound round : units.rounds()) {
                rows.add(
                    row(units.cost() + " left", 1 - round.target(), 1 - round.sparsity(), round));
              }
            });
    result
        .rounds()
        .ifPresent(
            rounds -> {
              points.add(
                  new LineChart.Point(rounds.startSparsity(), rounds.denseScore(), true, "dense"));
              for (PruningRound round : rounds.rounds()) {
                rows.add(row("sparsity", round.target(), round.sparsity(), round));
                points.add(
                    new LineChart.Point(
                        round.sparsity(),
                        round.score(),
                        round.accepted(),
                        "round " + round.number()));
              }
            });
    page.put("rounds", rows);
    page.put("hasRounds", !rows.isEmpty());
    page.put("hasCurve", points.size() > 1);
    page.put("curve", new LineChart(points, settings.metric()::format).toSvg());
  }

  private Map<String, Object> row(String what, double target, double reached, PruningRound round) {
    return Map.of(
        "number", round.number(),
        "what", what,
        "target", percent(target),
        "reached", percent(reached),
        "score", settings.metric().format(round.score()),
        "epochs", round.epochs(),
        "verdict", round.accepted() ? "accepted" : "taken back");
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * fraction);
  }

  private void layers(SparsityReport sparse) {
    long most = sparse.tensors().stream().mapToLong(TensorSparsity::weights).max().orElse(1);
    page.put(
        "layers",
        sparse.tensors().stream()
            .map(
                tensor ->
                    Map.of(
                        "name", tensor.name(),
                        "weights", String.format(Locale.ROOT, "%,d", tensor.weights()),
                        "nonZeros", String.format(Locale.ROOT, "%,d", tensor.nonZeros()),
                        "sparsity", percent(tensor.sparsity()),
                        "size", width(tensor.weights(), most),
                        "kept", width(tensor.nonZeros(), tensor.weights())))
            .toList());
  }

  /** Returns the width of a bar in percent; what is there remains visible. */
  private static String width(long part, long whole) {
    return String.format(
        Locale.ROOT, "%.2f", part == 0 ? 0.0 : Math.max(0.5, 100.0 * part / Math.max(1, whole)));
  }

  private void bytes(CompactSizes sizes) {
    long whole = sizes.compact();
    List<Map<String, String>> rows = new ArrayList<>();
    for (CompactSizes.Tensor tensor : sizes.tensors()) {
      rows.add(bytes(tensor.name(), tensor.compact(), whole));
    }
    rows.add(bytes("configuration", sizes.configuration(), whole));
    rows.add(bytes("all else", sizes.rest(), whole));
    page.put("bytes", rows);
  }

  private static Map<String, String> bytes(String name, long count, long whole) {
    return Map.of("name", name, "bytes", PruningReport.bytes(count), "part", width(count, whole));
  }

  private void scan() {
    page.put("hasScan", result.scan().isPresent());
    result
        .scan()
        .ifPresent(
            scan -> {
              page.put(
                  "levels",
                  scan.layers().get(0).probes().stream().map(p -> percent(p.sparsity())).toList());
              page.put("scan", scan.layers().stream().map(layer -> row(scan, layer)).toList());
            });
  }

  private Map<String, Object> row(SensitivityResult scan, LayerSensitivity layer) {
    return Map.of(
        "layer",
        layer.layer(),
        "cells",
        layer.probes().stream().map(probe -> cell(scan, probe)).toList());
  }

  private Map<String, String> cell(SensitivityResult scan, Probe probe) {
    double drop = scan.drop(probe);
    double part = Math.min(1, Math.max(0, drop / Math.max(1e-9, Math.abs(scan.denseScore()))));
    return Map.of(
        "score", settings.metric().format(probe.score()),
        "heat", String.format(Locale.ROOT, "%.0f", 100 * part));
  }

  private void unread(PruneData data) {
    List<Integer> inputs = result.unread();
    page.put("hasUnread", !inputs.isEmpty());
    page.put("unreadCount", String.format(Locale.ROOT, "%,d", inputs.size()));
    List<String> names = data.data().columns().map(ReportPage::inputNames).orElse(List.of());
    page.put(
        "unread",
        inputs.size() > MOST_NAMED
            ? ""
            : inputs.stream()
                .map(i -> i < names.size() ? names.get(i) : String.valueOf(i))
                .collect(Collectors.joining(", ")));
  }

  /** Returns the name of each input: one for each category of a column of texts. */
  private static List<String> inputNames(TabularData table) {
    List<String> names = new ArrayList<>();
    for (Column column : table.features()) {
      if (column.isNumber()) {
        names.add(column.name());
      } else {
        column.categories().forEach(text -> names.add(column.name() + "=" + text));
      }
    }
    return names;
  }

  /** Returns a recipe that prunes a network in one training to the same sparsity. */
  private String recipe() {
    return settings
        .sparsity()
        .recipe()
        .map(PruningConfig::toYaml)
        .orElseGet(
            () ->
                result
                    .rounds()
                    .filter(rounds -> rounds.sparsity() > 0)
                    .map(
                        rounds ->
                            PruningListener.builder()
                                .schedule(SparsitySchedules.constant(rounds.sparsity()))
                                .distribution(settings.sparsity().distribution())
                                .build()
                                .config()
                                .toYaml())
                    .orElse(""));
  }
}
