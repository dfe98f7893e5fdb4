package io.github.dl4jpruning.charts;

import java.awt.Color;
import java.util.Locale;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The common look of all charts. */
public final class Charts {

  private static final Color[] COLORS = {
    new Color(0x2F6DB5),
    new Color(0xC8501E),
    new Color(0x3A8F4D),
    new Color(0x8A4FA3),
    new Color(0xB8860B),
    new Color(0x1F9AA8),
    new Color(0xD1478C),
    new Color(0x6B6B6B)
  };

  private Charts() {}

  /**
   * Returns an empty line chart of 960 by 540 pixels, with the legend on the right.
   *
   * @param title the title
   * @param xTitle the title of the horizontal axis, with its unit
   * @param yTitle the title of the vertical axis, with its unit
   * @return the chart
   */
  public static XYChart lines(String title, String xTitle, String yTitle) {
    XYChart chart =
        new XYChartBuilder()
            .width(960)
            .height(540)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setPlotGridLinesColor(new Color(0xE4E4E4));
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setLegendLayout(LegendLayout.Vertical);
    chart.getStyler().setLegendBorderColor(Color.WHITE);
    chart.getStyler().setSeriesColors(COLORS);
    return chart;
  }

  /**
   * Returns an empty bar chart of 960 by 540 pixels.
   *
   * @param title the title
   * @param xTitle the title of the horizontal axis
   * @param yTitle the title of the vertical axis, with its unit
   * @return the chart
   */
  public static CategoryChart bars(String title, String xTitle, String yTitle) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(960)
            .height(540)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setPlotGridLinesColor(new Color(0xE4E4E4));
    chart.getStyler().setPlotGridVerticalLinesVisible(false);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
    chart.getStyler().setLegendBorderColor(Color.WHITE);
    return chart;
  }
}
