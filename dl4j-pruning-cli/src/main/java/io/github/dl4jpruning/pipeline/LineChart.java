package io.github.dl4jpruning.pipeline;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;

/**
 * A curve as SVG whose colours come from the page, so that it fits light and dark pages.
 *
 * @param points the points
 * @param format writes a value of y
 */
record LineChart(List<Point> points, DoubleFunction<String> format) {

  private static final int WIDTH = 640;
  private static final int HEIGHT = 280;
  private static final int LEFT = 64;
  private static final int RIGHT = 28;
  private static final int TOP = 16;
  private static final int BOTTOM = 40;
  private static final int TICKS = 4;

  /**
   * A point.
   *
   * @param x a fraction
   * @param y a value; left out if it is not finite
   * @param accepted whether it is part of the line
   * @param name what it is
   */
  record Point(double x, double y, boolean accepted, String name) {}

  String toSvg() {
    List<Point> shown = points.stream().filter(p -> Double.isFinite(p.y())).toList();
    if (shown.isEmpty()) {
      return "";
    }
    double low = shown.stream().mapToDouble(Point::y).min().orElseThrow();
    double high = shown.stream().mapToDouble(Point::y).max().orElseThrow();
    double margin = Math.max(0.15 * (high - low), Math.max(1e-6, 0.005 * Math.abs(high)));
    Scale scale = new Scale(low - margin, high + margin);
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"score over sparsity\">",
            WIDTH,
            HEIGHT));
    DoubleStream.iterate(0, t -> t <= TICKS, t -> t + 1).forEach(t -> tick(svg, scale, t / TICKS));
    StringJoiner line = new StringJoiner(" ");
    shown.stream()
        .filter(Point::accepted)
        .forEach(p -> line.add(at(Scale.x(p.x())) + "," + at(scale.y(p.y()))));
    svg.append("<polyline class=\"curve\" points=\"").append(line).append("\"/>");
    for (Point p : shown) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"5\"><title>%s: sparsity %.1f%%,"
                  + " %s</title></circle>",
              p.accepted() ? "dot" : "dot back",
              at(Scale.x(p.x())),
              at(scale.y(p.y())),
              p.name(),
              100 * p.x(),
              format.apply(p.y())));
    }
    return svg.append("</svg>").toString();
  }

  private void tick(StringBuilder svg, Scale scale, double part) {
    double value = scale.low() + part * (scale.high() - scale.low());
    String y = at(scale.y(value));
    String x = at(Scale.x(part));
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
                + "<text x=\"%d\" y=\"%s\" text-anchor=\"end\" dy=\"4\">%s</text>"
                + "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%.0f%%</text>",
            LEFT,
            WIDTH - RIGHT,
            y,
            y,
            LEFT - 8,
            y,
            format.apply(value),
            x,
            HEIGHT - BOTTOM / 2,
            100 * part));
  }

  private static String at(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** The range of y. */
  private record Scale(double low, double high) {
    static double x(double part) {
      return LEFT + part * (WIDTH - LEFT - RIGHT);
    }

    double y(double value) {
      return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM);
    }
  }
}
