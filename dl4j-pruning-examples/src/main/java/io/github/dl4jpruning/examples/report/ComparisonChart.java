package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.charts.Charts;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Accuracy against sparsity: one line per recipe, with the spread over seeds. */
public final class ComparisonChart {

  /**
   * A recipe that never reaches this is named but not drawn, or the others would look like one
   * line.
   */
  private static final double LOWEST = 0.8;

  private ComparisonChart() {}

  /**
   * Draws the chart.
   *
   * @param title the title
   * @param names the recipes
   * @param sparsities the sparsities that were measured, in [0, 1)
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
    List<String> shown =
        names.stream()
            .filter(
                name -> sparsities.stream().anyMatch(s -> accuracy.apply(name, s).mean() >= LOWEST))
            .toList();
    List<String> below = names.stream().filter(name -> !shown.contains(name)).toList();
    String note =
        below.isEmpty() || shown.isEmpty()
            ? ""
            : String.format(
                Locale.ROOT, " (below %.0f%%: %s)", 100 * LOWEST, String.join(", ", below));
    XYChart chart = Charts.lines(title + note, "sparsity (%)", "accuracy (%)");
    chart.getStyler().setYAxisDecimalPattern("0.#");
    List<Double> x = sparsities.stream().sorted().toList();
    for (String name : shown.isEmpty() ? names : shown) {
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
