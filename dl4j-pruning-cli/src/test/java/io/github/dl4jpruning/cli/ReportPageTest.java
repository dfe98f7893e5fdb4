package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, at the width of a phone and of a desktop, light and dark. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportPageTest {

  private static final int PHONE = 500; // the narrowest window that a headless Chromium opens
  private static final int DESKTOP = 1_200;

  @TempDir static Path folder;
  private Path page;
  private String browser;

  @BeforeAll
  void prune() throws IOException {
    Optional<String> found =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .filter(
                name ->
                    Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, name))))
            .findFirst();
    assumeTrue(found.isPresent(), "skipped: no Chromium on the path");
    browser = found.orElseThrow();
    Path data = OwnData.flowers(folder.resolve("flowers.csv"), 120);
    Path model = OwnData.perceptron(folder.resolve("a model with <odd> & long name.zip"), 5, 3);
    Run run =
        Run.of(
            "prune",
            model.toString(),
            "--data",
            data.toString(),
            "--dense-epochs",
            "20",
            "--fine-tune-epochs",
            "5",
            "--output",
            folder.resolve("out").toString());
    assertThat(run.err()).isEmpty();
    page = folder.resolve("out").resolve("report.html");
  }

  private String run(String... options) throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                Stream.of(options))
            .toList();
    Path out = folder.resolve("browser.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(false)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the browser ends").isTrue();
    return Files.readString(out);
  }

  private BufferedImage picture(int width, boolean dark) throws IOException, InterruptedException {
    Path png = folder.resolve("page.png");
    run(
        "--window-size=" + width + ",2400",
        "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
        "--screenshot=" + png,
        page.toUri().toString());
    return ImageIO.read(png.toFile());
  }

  private static int brightness(int rgb) {
    return ((rgb >> 16 & 0xFF) + (rgb >> 8 & 0xFF) + (rgb & 0xFF)) / 3;
  }

  @Test
  void shouldFitPhonesAndDesktopsInLightAndDark() throws IOException, InterruptedException {
    for (int width : new int[] {PHONE, DESKTOP}) {
      for (boolean dark : new boolean[] {false, true}) {
        BufferedImage image = picture(width, dark);
        assertThat(image.getWidth()).isEqualTo(width);
        int paper = brightness(image.getRGB(2, 2));
        assertThat(paper).as("paper, dark: " + dark).isBetween(dark ? 0 : 200, dark ? 60 : 255);
        long ink =
            IntStream.range(0, image.getWidth() * 600)
                .filter(i -> brightness(image.getRGB(i % width, i / width)) > 200 == dark)
                .filter(i -> Math.abs(brightness(image.getRGB(i % width, i / width)) - paper) > 100)
                .count();
        assertThat(ink).as("text that can be read, dark: " + dark).isGreaterThan(1_000);
        for (int y = 0; y < image.getHeight(); y++) {
          assertThat(image.getRGB(width - 1, y))
              .as("nothing is cut off")
              .isEqualTo(image.getRGB(2, 2));
        }
      }
    }
  }

  @Test
  void shouldNotBeWiderThanTheWindow() throws IOException, InterruptedException {
    Path measured = folder.resolve("measured.html");
    Files.writeString(
        measured,
        Files.readString(page)
            .replace(
                "</body>",
                "<script>document.body.innerHTML = 'width ' +"
                    + " document.documentElement.scrollWidth</script></body>"));
    String dom = run("--window-size=" + PHONE + ",800", "--dump-dom", measured.toUri().toString());
    assertThat(dom).contains("width " + PHONE);
  }

  @Test
  void shouldShowNamesAsText() throws IOException {
    assertThat(Files.readString(page))
        .contains("a model with &lt;odd&gt; &amp; long name.zip")
        .doesNotContain("<odd>");
  }
}
