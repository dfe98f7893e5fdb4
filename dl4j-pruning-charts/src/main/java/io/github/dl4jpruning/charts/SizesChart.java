package io.github.dl4jpruning.charts;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;

/** A bar chart of the size of a model in each form, on a logarithmic scale. */
public final class SizesChart {

  private static final double KILOBYTE = 1_000.0;

  private SizesChart() {}

  /**
   * Draws the chart.
   *
   * @param title the title
   * @param forms the forms, from left to right
   * @param bytes the size of each in bytes
   * @param to where the PNG goes; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(String title, List<String> forms, List<Long> bytes, OutputStream to)
      throws IOException {
    CategoryChart chart = Charts.bars(title, "form", "kilobytes (logarithmic scale)");
    chart.getStyler().setSeriesColors(new Color[] {new Color(0x2F6DB5)});
    chart.getStyler().setYAxisLogarithmic(true);
    double least = bytes.stream().min(Long::compare).orElseThrow() / KILOBYTE;
    // By default bars begin at 0, which a logarithmic axis cannot show.
    chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))));
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setAvailableSpaceFill(0.6);
    chart.getStyler().setXAxisLabelRotation(45);
    List<String> names =
        IntStream.range(0, forms.size())
            .mapToObj(
                i -> String.format(Locale.ROOT, "%s: %.1f", forms.get(i), bytes.get(i) / KILOBYTE))
            .toList();
    chart.addSeries("kilobytes", names, bytes.stream().map(b -> b / KILOBYTE).toList());
    BitmapEncoder.saveBitmap(chart, to, BitmapFormat.PNG);
  }
}
