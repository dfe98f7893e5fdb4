package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.charts.RankingChart;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.oneshot.OneShotPruner;
import io.github.dl4jpruning.oneshot.Ranking;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;

/**
 * Prunes a network at once to each of several sparsities, by magnitude, by activation and by
 * reconstruction, and compares the scores.
 *
 * @param name the name of the model, for the chart
 * @param scored the data
 * @param sparsities the sparsities, as fractions
 * @param calibration how many training samples are read
 * @param onTest whether the test samples give the scores, and not the validation samples
 * @param folder the folder for results
 * @param out where the job prints
 */
public record OneShotJob(
    String name,
    ScoredData scored,
    List<Double> sparsities,
    int calibration,
    boolean onTest,
    OutputFolder folder,
    PrintWriter out) {

  /** All scores. */
  public static final String TABLE = "one-shot.csv";

  /** The scores over the sparsity. */
  public static final String CHART = "one-shot.png";

  private static final double PERCENT = 100.0;
  private static final double NANOS = 1e9;

  /** What is compared. */
  private enum Way {
    MAGNITUDE,
    ACTIVATION,
    RECONSTRUCTION;

    private OneShotPruner.Builder pruner() {
      OneShotPruner.Builder pruner = OneShotPruner.builder();
      return switch (this) {
        case MAGNITUDE -> pruner.criterion(ImportanceCriterion.magnitude());
        case ACTIVATION -> pruner.ranking(Ranking.ACTIVATION);
        case RECONSTRUCTION -> pruner.ranking(Ranking.RECONSTRUCTION);
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the list. */
  public OneShotJob {
    sparsities = List.copyOf(sparsities);
  }

  /**
   * Prunes and compares.
   *
   * @param network the network; not changed
   * @throws IOException if a file cannot be written
   * @throws TrainingFailedException if a weight or an input of a layer is not finite
   */
  public void run(Model network) throws IOException, TrainingFailedException {
    double dense = score(network);
    Map<String, List<Double>> scores = new LinkedHashMap<>();
    for (Way way : Way.values()) {
      List<Double> own = new ArrayList<>();
      for (double sparsity : sparsities) {
        long start = System.nanoTime();
        Model pruned = pruned(network, way, sparsity);
        double seconds = (System.nanoTime() - start) / NANOS;
        own.add(score(pruned));
        out.printf(
            Locale.ROOT,
            "%-14s  sparsity %s  %s %s  %.1f s\n",
            way,
            percent(sparsity),
            part(),
            scored.metric().format(own.get(own.size() - 1)),
            seconds);
        out.flush();
      }
      scores.put(way.toString(), own);
    }
    out.println();
    out.println(table(dense, scores));
    write(dense, scores);
  }

  private Model pruned(Model network, Way way, double sparsity) throws TrainingFailedException {
    try {
      return way.pruner()
          .sparsity(sparsity)
          .build()
          .prune(network, scored.data().calibration(calibration))
          .network();
    } catch (IllegalStateException e) { // weights or inputs that are not finite
      throw new TrainingFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private double score(Model network) {
    return onTest
        ? scored.data().test(network, scored.metric()).value()
        : scored.validation(network);
  }

  private String part() {
    return onTest ? "test" : "validation";
  }

  private static String percent(double sparsity) {
    return String.format(Locale.ROOT, "%.2f%%", PERCENT * sparsity);
  }

  private String table(double dense, Map<String, List<Double>> scores) {
    List<String> head = new ArrayList<>(List.of(part() + " " + scored.metric()));
    sparsities.forEach(sparsity -> head.add(percent(sparsity)));
    TextTable table = new TextTable(head.toArray(String[]::new));
    scores.forEach(
        (ranking, values) -> {
          List<String> row = new ArrayList<>(List.of(ranking));
          values.forEach(value -> row.add(scored.metric().format(value)));
          table.row(row.toArray(String[]::new));
        });
    return table + "dense: " + scored.metric().format(dense) + "\n";
  }

  private void write(double dense, Map<String, List<Double>> scores) throws IOException {
    StringBuilder csv = new StringBuilder("ranking,sparsity,score\n");
    csv.append(String.format(Locale.ROOT, "dense,0,%s\n", dense));
    scores.forEach(
        (ranking, values) -> {
          for (int i = 0; i < values.size(); i++) {
            csv.append(
                String.format(
                    Locale.ROOT, "%s,%s,%s\n", ranking, sparsities.get(i), values.get(i)));
          }
        });
    boolean inPercent = scored.metric() == Metric.ACCURACY;
    Path table =
        folder.write(TABLE, to -> to.write(csv.toString().getBytes(StandardCharsets.UTF_8)));
    Path chart =
        folder.write(
            CHART,
            to ->
                RankingChart.write(
                    name + " pruned without training",
                    part() + " " + scored.metric() + (inPercent ? " (%)" : ""),
                    inPercent ? PERCENT : 1.0,
                    dense,
                    sparsities,
                    scores,
                    to));
    out.println("table    " + table);
    out.println("chart    " + chart);
    out.flush();
  }
}
