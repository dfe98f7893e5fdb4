package io.github.dl4jpruning.charts;

import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepResult.Run;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A chart of the score against the remaining weights: a point for each run, and the Pareto front as
 * a line.
 */
public final class SweepChart {

  private static final Color RUNS = new Color(0x9A9A9A);
  private static final Color FRONT = new Color(0x2F6DB5);

  private SweepChart() {}

  /**
   * Draws the chart. Runs that diverged have no score, and runs that were stopped did not reach
   * their sparsity; neither are drawn.
   *
   * @param title the title
   * @param scoreName the name of the score, with its unit
   * @param scale the factor for scores, for instance 100 for an accuracy in percent
   * @param result the result to draw
   * @param out where the PNG goes; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title, String scoreName, double scale, SweepResult result, OutputStream out)
      throws IOException {
    XYChart chart = Charts.lines(title, "weights left, logarithmic", scoreName);
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setXAxisDecimalPattern("#,##0");
    chart.getStyler().setYAxisDecimalPattern("0.##");
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    List<Run> drawn =
        result.runs().stream()
            .filter(run -> !run.stopped() && Double.isFinite(run.score()))
            .toList();
    double least = drawn.stream().mapToDouble(Run::nonZeros).min().orElse(1.0);
    double most = drawn.stream().mapToDouble(Run::nonZeros).max().orElse((double) result.weights());
    XYSeries dense =
        chart.addSeries(
            "dense, trained as long",
            new double[] {least, most},
            new double[] {scale * result.denseScore(), scale * result.denseScore()});
    dense.setMarker(SeriesMarkers.NONE).setLineColor(RUNS);
    dense.setLineStyle(
        new BasicStroke(
            2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {6f, 4f}, 0f));
    if (!drawn.isEmpty()) {
      XYSeries all = add(chart, "runs", drawn, scale);
      all.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
      all.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(RUNS);
      XYSeries front = add(chart, "Pareto front", result.paretoFront(), scale);
      front.setMarker(SeriesMarkers.DIAMOND).setMarkerColor(FRONT);
      front.setLineColor(FRONT).setLineWidth(2f);
    }
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }

  private static XYSeries add(XYChart chart, String name, List<Run> runs, double scale) {
    return chart.addSeries(
        name,
        runs.stream().map(Run::nonZeros).toList(),
        runs.stream().map(run -> scale * run.score()).toList());
  }
}
