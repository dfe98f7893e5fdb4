package io.github.dl4jpruning.charts;

import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepResult.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A sweep as an HTML page: the chart, and a table that is sorted by clicking on its header.
 * Everything is in one file, so that it opens anywhere, without a network connection.
 */
public final class SweepPage {

  private static final String FOOT =
      """
      </tbody>
      </table>
      <script>
      const body = document.querySelector('tbody');
      document.querySelectorAll('th').forEach((header, column) => {
        let up = false;
        header.addEventListener('click', () => {
          up = !up;
          const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
          const order = (a, b) => {
            const x = key(a), y = key(b), d = Number(x) - Number(y);
            return Number.isNaN(d) ? x.localeCompare(y) : d;
          };
          [...body.rows].sort((a, b) => up ? order(a, b) : order(b, a))
              .forEach(row => body.append(row));
        });
      });
      </script>
      </body>
      </html>
      """;

  private SweepPage() {}

  /**
   * Writes the page.
   *
   * @param title the title
   * @param scoreName the name of the score, with its unit
   * @param scale the factor for scores, for instance 100 for an accuracy in percent
   * @param result the result to show
   * @param out where the page goes, in UTF-8; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title, String scoreName, double scale, SweepResult result, OutputStream out)
      throws IOException {
    ByteArrayOutputStream picture = new ByteArrayOutputStream();
    SweepChart.write(title, scoreName, scale, result, picture);
    boolean stops = result.runs().stream().anyMatch(Run::stopped);
    StringBuilder page = new StringBuilder();
    page.append(head(title, scoreName, scale, result, stops, picture.toByteArray()));
    List<Run> front = result.paretoFront();
    for (Run run : result.runs()) {
      List<String> choices =
          result.shownChoices().stream().map(key -> run.choices().get(key)).toList();
      page.append(row(run, choices, front.contains(run), scale, stops));
    }
    page.append(FOOT);
    out.write(page.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String head(
      String title,
      String scoreName,
      double scale,
      SweepResult result,
      boolean stops,
      byte[] picture) {
    return String.format(
        Locale.ROOT,
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>%1$s</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; color: #222; }
        h1 { font-size: 1.4rem; }
        img { max-width: 100%%; }
        table { border-collapse: collapse; width: 100%%; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e4e4e4; }
        th { cursor: pointer; border-bottom: 2px solid #999; }
        th.text, td.text { text-align: left; }
        tr.front { background: #eaf2fb; }
        tr.stopped { color: #999; }
        p.note { color: #666; }
        </style>
        </head>
        <body>
        <h1>%1$s</h1>
        <img alt="%2$s against the remaining weights" src="data:image/png;base64,%3$s">
        <p class="note">Dense, trained as long: %4$s. Blue rows are the Pareto front: no other run has at
        most as many weights left and at least as good a score.%6$s Click a header to sort.</p>
        <table>
        <thead><tr>
        <th>run</th><th class="text">schedule</th><th>every</th><th class="text">distribution</th>%5$s
        <th>learning rate</th><th>weights left</th><th>sparsity</th><th>%2$s</th>%7$s
        </tr></thead>
        <tbody>
        """,
        escaped(title),
        escaped(scoreName),
        Base64.getEncoder().encodeToString(picture),
        String.format(Locale.ROOT, "%.4g", scale * result.denseScore()),
        cells("th", result.shownChoices()),
        stops ? " Grey rows were stopped after that many epochs, and are not drawn." : "",
        stops ? "<th>epochs</th>" : "");
  }

  private static String cells(String tag, List<String> texts) {
    return texts.stream()
        .map(text -> "<" + tag + " class=\"text\">" + escaped(text) + "</" + tag + ">")
        .collect(Collectors.joining());
  }

  private static String row(
      Run run, List<String> choices, boolean front, double scale, boolean epochs) {
    double rate = run.setting().learningRate();
    return String.format(
        Locale.ROOT,
        "<tr%s><td>%d</td><td class=\"text\">%s</td><td>%d</td><td class=\"text\">%s</td>%s"
            + "<td data-value=\"%s\">%s</td><td data-value=\"%d\">%,d</td>"
            + "<td data-value=\"%s\">%.2f%%</td><td data-value=\"%s\">%.2f</td>%s</tr>\n",
        front ? " class=\"front\"" : run.stopped() ? " class=\"stopped\"" : "",
        run.number(),
        escaped(run.schedule()),
        run.setting().pruning().timing().updateEvery(),
        escaped(run.distribution()),
        cells("td", choices),
        Double.isNaN(rate) ? 0.0 : rate,
        Double.isNaN(rate) ? "own" : String.valueOf(rate),
        run.nonZeros(),
        run.nonZeros(),
        run.sparsity(),
        100.0 * run.sparsity(),
        Double.isNaN(run.score()) ? -1.0 : run.score(),
        scale * run.score(),
        epochs ? "<td>" + run.epochs() + "</td>" : "");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
