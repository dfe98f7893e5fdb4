package io.github.dl4jpruning.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of the score over the sparsity, a line for each way of ranking weights. */
public final class RankingChart {

  private static final Color DENSE = new Color(0x9A9A9A);
  private static final double PERCENT = 100.0;

  private RankingChart() {}

  /**
   * Draws the chart.
   *
   * @param title the title
   * @param scoreName the name of the score, with its unit
   * @param scale the factor for scores, for instance 100 for an accuracy in percent
   * @param dense the score of the dense network, which is drawn as a line
   * @param sparsities the sparsities, as fractions
   * @param scores for each name of a line a score for each sparsity
   * @param out where the PNG goes; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title,
      String scoreName,
      double scale,
      double dense,
      List<Double> sparsities,
      Map<String, List<Double>> scores,
      OutputStream out)
      throws IOException {
    XYChart chart = Charts.lines(title, "sparsity (%)", scoreName);
    chart.getStyler().setYAxisDecimalPattern("0.##");
    List<Double> x = sparsities.stream().map(s -> PERCENT * s).toList();
    scores.forEach(
        (name, values) -> {
          XYSeries series = chart.addSeries(name, x, values.stream().map(v -> scale * v).toList());
          series.setMarker(SeriesMarkers.CIRCLE).setLineWidth(2f);
        });
    XYSeries line = chart.addSeries("dense", x, x.stream().map(any -> scale * dense).toList());
    line.setMarker(SeriesMarkers.NONE).setLineColor(DENSE);
    line.setLineStyle(
        new BasicStroke(
            2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {6f, 4f}, 0f));
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }
}
