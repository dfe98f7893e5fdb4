package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.charts.Charts;
import io.github.dl4jpruning.examples.train.TrainingHistory;
import io.github.dl4jpruning.examples.train.TrainingHistory.Epoch;
import io.github.dl4jpruning.examples.train.TrainingHistory.SparsityChange;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.Styler.YAxisPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of sparsity and validation accuracy over the iterations. */
public final class PruningChart {

  private static final Color SPARSITY = new Color(0x2F6DB5);
  private static final Color PRUNED = new Color(0xC8501E);
  private static final Color DENSE = new Color(0x9A9A9A);

  private PruningChart() {}

  /**
   * Draws the chart.
   *
   * @param title the title
   * @param dense the run without pruning
   * @param pruned the run with pruning
   * @param out where the PNG goes
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title, TrainingHistory dense, TrainingHistory pruned, OutputStream out)
      throws IOException {
    XYChart chart = Charts.lines(title, "iteration", "sparsity (%)");
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setYAxisDecimalPattern("0.#");
    chart.getStyler().setXAxisDecimalPattern("#,##0");
    chart.getStyler().setYAxisMin(0, 0.0);
    chart.getStyler().setYAxisMax(0, 100.0);
    chart.getStyler().setYAxisGroupPosition(1, YAxisPosition.Right);
    chart.setYAxisGroupTitle(1, "validation accuracy (%)");

    addSparsity(chart, pruned);
    addAccuracy(chart, "accuracy, dense", dense, DENSE, true);
    addAccuracy(chart, "accuracy, pruned", pruned, PRUNED, false);
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }

  /** Draws steps, as masks change in steps. */
  private static void addSparsity(XYChart chart, TrainingHistory run) {
    List<Integer> iterations = new ArrayList<>(List.of(0));
    List<Double> values = new ArrayList<>(List.of(0.0));
    for (SparsityChange change : run.changes()) {
      iterations.add(change.iteration());
      values.add(values.get(values.size() - 1));
      iterations.add(change.iteration());
      values.add(100.0 * change.sparsity());
    }
    iterations.add(run.last().iteration());
    values.add(values.get(values.size() - 1));
    XYSeries series = chart.addSeries("sparsity", iterations, values);
    series.setYAxisGroup(0);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(SPARSITY).setLineWidth(2.5f);
  }

  private static void addAccuracy(
      XYChart chart, String name, TrainingHistory run, Color color, boolean dashed) {
    List<Integer> iterations = run.epochs().stream().map(Epoch::iteration).toList();
    List<Double> values = run.epochs().stream().map(e -> 100.0 * e.validationAccuracy()).toList();
    XYSeries series = chart.addSeries(name, iterations, values);
    series.setYAxisGroup(1);
    series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
    series.setLineColor(color).setLineWidth(2f);
    if (dashed) {
      series.setLineStyle(
          new BasicStroke(
              2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {6f, 4f}, 0f));
    }
  }
}
