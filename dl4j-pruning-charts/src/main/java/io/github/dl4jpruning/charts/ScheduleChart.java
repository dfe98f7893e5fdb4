package io.github.dl4jpruning.charts;

import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.schedule.UpdateTiming.Update;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of sparsity over the iterations of training, in steps, as masks would follow it. */
public final class ScheduleChart {

  private static final int LONGEST_NAME = 90;

  /** Number of letters that fit side by side. */
  private static final int WIDEST_LEGEND = 90;

  private ScheduleChart() {}

  /**
   * Draws the chart.
   *
   * @param timings schedules by name
   * @param iterations iterations of training
   * @param iterationsPerEpoch iterations in an epoch
   * @param out where the PNG goes
   * @throws IOException if it cannot be written
   */
  public static void write(
      Map<String, UpdateTiming> timings, int iterations, int iterationsPerEpoch, OutputStream out)
      throws IOException {
    String title = timings.size() == 1 ? "Sparsity schedule" : "Sparsity schedules";
    XYChart chart = Charts.lines(title, "iteration", "sparsity (%)");
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    int letters = timings.keySet().stream().mapToInt(String::length).sum();
    LegendLayout layout = letters > WIDEST_LEGEND ? LegendLayout.Vertical : LegendLayout.Horizontal;
    chart.getStyler().setLegendLayout(layout);
    chart.getStyler().setXAxisDecimalPattern("#,##0");
    chart.getStyler().setYAxisDecimalPattern("0.#");
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(100.0);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax((double) iterations);
    timings.forEach(
        (name, timing) -> {
          List<Integer> x = new ArrayList<>(List.of(0));
          List<Double> y = new ArrayList<>(List.of(0.0));
          for (Update update : timing.updates(iterations, iterationsPerEpoch)) {
            x.add(update.iteration());
            y.add(y.get(y.size() - 1));
            x.add(update.iteration());
            y.add(100.0 * update.sparsity());
          }
          x.add(iterations);
          y.add(y.get(y.size() - 1));
          String shown =
              name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME - 1) + "…" : name;
          XYSeries series = chart.addSeries(shown, x, y);
          series.setMarker(SeriesMarkers.NONE);
          series.setLineWidth(2.5f);
        });
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }
}
