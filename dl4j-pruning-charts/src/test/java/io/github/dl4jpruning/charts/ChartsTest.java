package io.github.dl4jpruning.charts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.iterative.IterativePruningResult;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityResult.LayerSensitivity;
import io.github.dl4jpruning.tune.SensitivityResult.Probe;
import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ChartsTest {

  /** How many pixels have one of the colours of the series. */
  private static long coloured(ByteArrayOutputStream png, int rgb) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
    assertThat(image.getWidth()).isEqualTo(960);
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xFFFFFF) == rgb) {
          count++;
        }
      }
    }
    return count;
  }

  private static IterativePruningResult result(PruningRound... rounds) {
    return new IterativePruningResult(
        null, null, null, .97, 0, false, List.of(rounds), true, "done");
  }

  private static PruningRound round(int number, double sparsity, double score, boolean accepted) {
    return new PruningRound(number, sparsity, sparsity, score, 3, 2, accepted, "");
  }

  private static ByteArrayOutputStream draw(IterativePruningResult result) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    IterativeChart.write("a network", "accuracy (%)", 100, result, png);
    return png;
  }

  @Test
  void roundsAreDrawnAcceptedAndTakenBack() throws IOException {
    ByteArrayOutputStream good = draw(result(round(1, .5, .97, true), round(2, .9, .96, true)));
    ByteArrayOutputStream mixed =
        draw(result(round(1, .5, .97, true), round(2, .9, .6, false), round(3, .9, .7, false)));

    assertThat(coloured(good, 0x2F6DB5)).isGreaterThan(500);
    assertThat(coloured(mixed, 0xC8501E)).isGreaterThan(coloured(good, 0xC8501E));
  }

  @Test
  void picturesDoNotFollowTheLocaleOfTheMachine() throws IOException {
    Locale own = Locale.getDefault();
    IterativePruningResult result = result(round(1, .5, .975, true), round(2, .995, .9625, true));
    Locale.setDefault(Locale.ROOT);
    try {
      byte[] expected = draw(result).toByteArray();
      for (String machine : List.of("de-DE", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva")) {
        Locale.setDefault(Locale.forLanguageTag(machine));
        assertThat(draw(result).toByteArray()).as(machine).isEqualTo(expected);
      }
    } finally {
      Locale.setDefault(own);
    }
  }

  @Test
  void aRunWithoutRoundsOrScoresIsDrawn() throws IOException {
    assertThat(draw(result()).size()).isPositive();
    assertThat(draw(result(round(1, .5, Double.NaN, false))).size()).isPositive();
  }

  @Test
  void sensitivityIsAHeatMap() throws IOException {
    SensitivityResult result =
        new SensitivityResult(
            .97,
            false,
            List.of(
                new LayerSensitivity(
                    "first", 10, List.of(new Probe(.5, .5, .97), new Probe(.995, .9, .37))),
                new LayerSensitivity(
                    "second", 10, List.of(new Probe(.5, .5, .98), new Probe(.995, .9, .87)))));
    ByteArrayOutputStream png = new ByteArrayOutputStream();

    SensitivityChart.write("a network", "points of accuracy", 100, result, png);

    assertThat(coloured(png, 0xC8501E)).isGreaterThan(3_000);
    assertThat(coloured(png, 0xF4F8FC)).isGreaterThan(3_000);
  }

  private static SweepResult sweep() {
    Setting setting =
        new SweepSpace(
                List.of(.9),
                List.of(Shape.LINEAR),
                List.of(1),
                List.of(2),
                List.of(1),
                List.of(SparsityDistribution.lamp()),
                List.of(.01))
            .grid()
            .get(0);
    return new SweepResult(
        .97,
        1_000,
        false,
        List.of(
            new Run(1, setting, 100, .9, .96),
            new Run(2, setting, 200, .8, .95),
            new Run(3, setting, 50, .95, Double.NaN)));
  }

  @Test
  void aStoppedRunIsARowAndNoPoint() throws IOException {
    SweepResult whole = sweep();
    Setting setting = whole.runs().get(0).setting();
    List<Run> more = new ArrayList<>(whole.runs());
    more.add(new Run(4, Optional.of(setting), 10, .99, .999, 3, true));
    SweepResult stopped = new SweepResult(.97, 1_000, false, more);
    ByteArrayOutputStream before = new ByteArrayOutputStream();
    ByteArrayOutputStream after = new ByteArrayOutputStream();
    SweepChart.write("settings", "accuracy (%)", 100, whole, before);
    SweepChart.write("settings", "accuracy (%)", 100, stopped, after);
    ByteArrayOutputStream html = new ByteArrayOutputStream();
    SweepPage.write("settings", "accuracy (%)", 100, stopped, html);

    assertThat(after.toByteArray()).isEqualTo(before.toByteArray());
    assertThat(html.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("class=\"front\"")
        .containsOnlyOnce("<tr class=\"stopped\"><td>4</td>")
        .contains("<td>3</td></tr>", "<th>epochs</th>");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    SweepChart.write(
        "settings",
        "accuracy (%)",
        100,
        new SweepResult(.97, 1_000, false, more.subList(3, 4)),
        all);
    assertThat(all.size()).isPositive();
  }

  @Test
  void aSweepIsAPictureAndAPageOfItsOwn() throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    SweepChart.write("settings", "accuracy (%)", 100, sweep(), png);
    ByteArrayOutputStream html = new ByteArrayOutputStream();
    SweepPage.write("<settings> & more", "accuracy (%)", 100, sweep(), html);

    assertThat(coloured(png, 0x2F6DB5)).isPositive();
    assertThat(html.toString(StandardCharsets.UTF_8))
        .contains("&lt;settings&gt; &amp; more", "lamp", "NaN", "96.00")
        .contains(Base64.getEncoder().encodeToString(png.toByteArray()).substring(0, 40))
        .doesNotContain("http:", "https:", "<settings>")
        .containsOnlyOnce("class=\"front\"");
  }
}
