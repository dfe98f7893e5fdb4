package io.github.dl4jpruning.charts;

import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityResult.LayerSensitivity;
import io.github.dl4jpruning.tune.SensitivityResult.Probe;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;

/** A heat map of the drop in score if one layer is pruned, by layer and sparsity. */
public final class SensitivityChart {

  private static final int WIDTH = 960;
  private static final int FRAME = 190;
  private static final int ROW = 46;

  private SensitivityChart() {}

  /**
   * Draws the chart.
   *
   * @param title the first part of the title
   * @param unit the unit of the score, for instance "points of accuracy"
   * @param scale the factor for scores, for instance 100 for an accuracy in percent
   * @param result the result to draw
   * @param out where the PNG goes; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title, String unit, double scale, SensitivityResult result, OutputStream out)
      throws IOException {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(WIDTH)
            .height(FRAME + ROW * result.layers().size())
            .title(title + ": loss of " + unit + " if one layer is pruned")
            .xAxisTitle("sparsity of the layer (%)")
            .yAxisTitle("layer")
            .build();
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setShowValue(true);
    chart.getStyler().setHeatMapValueDecimalPattern("0.0");
    chart.getStyler().setHeatMapDecimalValueFormatter(v -> String.format(Locale.ROOT, "%.0f", v));
    chart
        .getStyler()
        .setRangeColors(
            new Color[] {new Color(0xF4F8FC), new Color(0xF6C9A0), new Color(0xC8501E)});
    List<Integer> columns =
        java.util.stream.IntStream.range(0, result.layers().get(0).probes().size())
            .boxed()
            .toList();
    List<String> x =
        result.layers().get(0).probes().stream()
            .map(probe -> String.format(Locale.ROOT, "%.4g", 100 * probe.sparsity()))
            .map(text -> text.contains(".") ? text.replaceAll("\\.?0+$", "") : text)
            .toList();
    List<LayerSensitivity> fromTheTop = new ArrayList<>(result.layers());
    java.util.Collections.reverse(fromTheTop);
    List<String> y = fromTheTop.stream().map(LayerSensitivity::layer).toList();
    List<Number[]> cells = new ArrayList<>();
    for (int row = 0; row < fromTheTop.size(); row++) {
      for (int column : columns) {
        Probe probe = fromTheTop.get(row).probes().get(column);
        // A score slightly above the dense one is noise, and counts as no loss.
        cells.add(new Number[] {column, row, Math.max(0.0, scale * result.drop(probe))});
      }
    }
    chart.addSeries("loss", x, y, cells);
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }
}
