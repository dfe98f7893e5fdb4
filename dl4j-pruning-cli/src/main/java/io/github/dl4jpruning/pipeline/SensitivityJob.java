package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.charts.SensitivityChart;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityResult.Proposal;
import io.github.dl4jpruning.tune.SensitivityScan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;

/**
 * Prunes one layer at a time, without training, and proposes a sparsity for each.
 *
 * @param name the name of the model, for the chart
 * @param scored the data
 * @param scan the scan; the job adds the score
 * @param maxScoreDrop what each layer of the proposal may lose
 * @param epochs epochs of a training along the proposal
 * @param folder the folder for results
 * @param out where the job prints
 */
public record SensitivityJob(
    String name,
    ScoredData scored,
    SensitivityScan.Builder scan,
    double maxScoreDrop,
    int epochs,
    OutputFolder folder,
    PrintWriter out) {

  /** All probes. */
  public static final String TABLE = "sensitivity.csv";

  /** A heat map of layers and sparsities. */
  public static final String CHART = "sensitivity.png";

  /** The proposal. */
  public static final String RECIPE = "proposal.yaml";

  private static final double PERCENT = 100.0;

  /**
   * Scans the layers.
   *
   * @param network the network; not changed
   * @throws IOException if a file cannot be written
   */
  public void run(Model network) throws IOException {
    Metric metric = scored.metric();
    SensitivityResult result =
        scan.scoreCalculator(scored.data().validation(metric))
            .onProbe(
                (layer, probe, done, all) -> {
                  out.printf(
                      Locale.ROOT,
                      "%4d/%d  %-8s sparsity %.4g%%  validation %s%s\n",
                      done,
                      all,
                      layer,
                      PERCENT * probe.sparsity(),
                      metric.format(probe.score()),
                      probe.speedup().map(speedup -> "  in the runtime " + speedup).orElse(""));
                  out.flush();
                })
            .build()
            .scan(network, scored.data().training());
    Proposal proposal = result.proposal(maxScoreDrop);
    boolean percent = metric == Metric.ACCURACY;
    out.println();
    out.println(
        "validation " + metric + " with one layer pruned" + (percent ? ", as a fraction" : ""));
    out.println();
    out.println(result);
    out.println(table(proposal));
    write(result, proposal);
  }

  private static String table(Proposal proposal) {
    TextTable table = new TextTable("layer", "proposed sparsity");
    proposal.targets().forEach((layer, target) -> table.row(layer, percent(target)));
    table.rule();
    table.row("all", percent(proposal.sparsity()));
    return table.toString();
  }

  private static String percent(double sparsity) {
    return String.format(Locale.ROOT, "%.2f%%", PERCENT * sparsity);
  }

  private void write(SensitivityResult result, Proposal proposal) throws IOException {
    boolean percent = scored.metric() == Metric.ACCURACY;
    int iterations = epochs * scored.data().training().count();
    int ramp = Math.max(1, iterations / 2);
    String yaml =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, proposal.sparsity(), 0, ramp))
            .updateEvery(Math.max(1, ramp / 20))
            .countFrom(CountFrom.ATTACHMENT)
            .distribution(proposal.distribution())
            .build()
            .config()
            .toYaml();
    Path table =
        folder.write(TABLE, to -> to.write(result.toCsv().getBytes(StandardCharsets.UTF_8)));
    Path chart =
        folder.write(
            CHART,
            to ->
                SensitivityChart.write(
                    name,
                    percent ? "points of accuracy" : scored.metric().toString(),
                    percent ? PERCENT : 1.0,
                    result,
                    to));
    Path recipe = folder.write(RECIPE, to -> to.write(yaml.getBytes(StandardCharsets.UTF_8)));
    if (proposal.sparsity() == 0) {
      out.println("no layer tolerates any of these sparsities, so the proposal removes nothing");
    }
    out.println("table    " + table);
    out.println("chart    " + chart);
    out.println("recipe   " + recipe + " (for prune --recipe, --fine-tune-epochs " + epochs + ")");
    out.flush();
  }
}
