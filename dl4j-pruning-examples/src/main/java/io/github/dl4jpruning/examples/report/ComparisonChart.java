package io.github.dl4jpruning.examples.report;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.BiFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Accuracy over sparsity, a line for each recipe, with the spread over seeds. */
public final class ComparisonChart {

  private ComparisonChart() {}

  /**
   * Draws the picture.
   *
   * @param title what was compared
   * @param names the recipes
   * @param sparsities where they were measured, in [0, 1)
   * @param accuracy mean and spread, in [0, 1], by recipe and sparsity
   * @param out where the PNG goes
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title,
      List<String> names,
      List<Double> sparsities,
      BiFunction<String, Double, Spread> accuracy,
      OutputStream out)
      throws IOException {
    XYChart chart = Charts.lines(title, "sparsity (%)", "accuracy (%)");
    chart.getStyler().setYAxisDecimalPattern("0.#");
    List<Double> x = sparsities.stream().sorted().toList();
    for (String name : names) {
      List<Spread> spreads = x.stream().map(s -> accuracy.apply(name, s)).toList();
      XYSeries series =
          chart.addSeries(
              name,
              x.stream().map(s -> 100 * s).toList(),
              spreads.stream().map(s -> 100 * s.mean()).toList(),
              spreads.stream().map(s -> 100 * s.deviation()).toList());
      series.setMarker(SeriesMarkers.CIRCLE);
    }
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }
}
