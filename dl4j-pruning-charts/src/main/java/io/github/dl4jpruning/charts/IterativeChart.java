package io.github.dl4jpruning.charts;

import io.github.dl4jpruning.iterative.IterativePruningResult;
import io.github.dl4jpruning.rounds.PruningRound;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of the score against the remaining weights, round by round. */
public final class IterativeChart {

  private static final Color DENSE = new Color(0x9A9A9A);
  private static final Color ACCEPTED = new Color(0x2F6DB5);
  private static final Color TAKEN_BACK = new Color(0xC8501E);

  /** On a linear sparsity axis, rounds that each leave a tenth of the weights would look alike. */
  private static final double ALL = 100.0;

  private IterativeChart() {}

  /**
   * Draws the chart: the remaining weights on a logarithmic axis, the score of each round, and the
   * dense score as a line. Rounds whose training diverged have no score and are not drawn.
   *
   * @param title the title
   * @param scoreName the name of the score, with its unit
   * @param scale the factor for scores, for instance 100 for an accuracy in percent
   * @param result the result to draw
   * @param out where the PNG goes; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title, String scoreName, double scale, IterativePruningResult result, OutputStream out)
      throws IOException {
    XYChart chart = Charts.lines(title, "weights left (%), logarithmic", scoreName);
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setYAxisDecimalPattern("0.##");
    double least = result.rounds().stream().mapToDouble(IterativeChart::left).min().orElse(ALL / 2);
    double most = left(result.startSparsity());
    XYSeries dense =
        chart.addSeries(
            "before pruning",
            new double[] {least, most},
            new double[] {scale * result.denseScore(), scale * result.denseScore()});
    dense.setMarker(SeriesMarkers.NONE).setLineColor(DENSE);
    dense.setLineStyle(
        new BasicStroke(
            2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {6f, 4f}, 0f));
    List<Double> x = new ArrayList<>(List.of(most));
    List<Double> y = new ArrayList<>(List.of(scale * result.denseScore()));
    result.rounds().stream()
        .filter(PruningRound::accepted)
        .forEach(
            round -> {
              x.add(left(round));
              y.add(scale * round.score());
            });
    XYSeries accepted = chart.addSeries("accepted", x, y);
    accepted.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(ACCEPTED);
    accepted.setLineColor(ACCEPTED).setLineWidth(2f);
    points(chart, "taken back", result, round -> !round.accepted(), SeriesMarkers.CROSS, scale);
    result
        .chosen()
        .ifPresent(
            chosen ->
                points(
                    chart,
                    String.format(
                        Locale.ROOT,
                        "chosen: %.2f%% sparsity, %.4g",
                        100 * chosen.sparsity(),
                        scale * chosen.score()),
                    result,
                    chosen::equals,
                    SeriesMarkers.DIAMOND,
                    scale));
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }

  private static void points(
      XYChart chart,
      String name,
      IterativePruningResult result,
      Predicate<PruningRound> which,
      Marker marker,
      double scale) {
    List<PruningRound> rounds =
        result.rounds().stream().filter(which).filter(r -> Double.isFinite(r.score())).toList();
    if (!rounds.isEmpty()) {
      XYSeries series =
          chart.addSeries(
              name,
              rounds.stream().map(IterativeChart::left).toList(),
              rounds.stream().map(round -> scale * round.score()).toList());
      series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
      series.setMarker(marker).setMarkerColor(TAKEN_BACK);
    }
  }

  private static double left(PruningRound round) {
    return left(round.sparsity());
  }

  private static double left(double sparsity) {
    return ALL * (1.0 - sparsity);
  }
}
