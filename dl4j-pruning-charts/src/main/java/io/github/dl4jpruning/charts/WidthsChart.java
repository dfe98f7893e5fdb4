package io.github.dl4jpruning.charts;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;

/** A bar chart of the widths of a network's layers before and after. */
public final class WidthsChart {

  private WidthsChart() {}

  /**
   * Draws the chart, 960 by 540 pixels.
   *
   * @param title the title
   * @param layers names of the layers, at least one
   * @param before the channels of each layer before
   * @param after the channels of each layer after
   * @param out where the PNG goes
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title,
      List<String> layers,
      List<Integer> before,
      List<Integer> after,
      OutputStream out)
      throws IOException {
    CategoryChart chart = Charts.bars(title, "layer", "channels (neurons, filters, units)");
    chart.getStyler().setSeriesColors(new Color[] {new Color(0xB9C9DD), new Color(0x2F6DB5)});
    chart.getStyler().setAvailableSpaceFill(0.8);
    chart.getStyler().setXAxisLabelRotation(layers.size() > 6 ? 45 : 0);
    // The numbers stand next to the names, because some bars are too low for a number.
    List<String> names =
        IntStream.range(0, layers.size())
            .mapToObj(i -> layers.get(i) + ": " + before.get(i) + " → " + after.get(i))
            .toList();
    chart.addSeries("before", names, before);
    chart.addSeries("after", names, after);
    BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
  }
}
