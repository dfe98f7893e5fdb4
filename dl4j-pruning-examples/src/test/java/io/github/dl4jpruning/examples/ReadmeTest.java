package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.ImageFormat;
import io.github.dl4jpruning.examples.data.MnistFiles;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/** What the README shows is what is compiled and run here. */
class ReadmeTest {

  private static final Path ROOT = Path.of("..");

  private static void sample(MultiLayerNetwork network, DataSetIterator train) {
    // README: begin
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, 0.90, 100, 600)) // from, to, begin, end
            .updateEvery(50) // iterations between mask updates
            .distribution(SparsityDistribution.global())
            .parameters(ParameterFilter.weights().exceptLayers("output"))
            .build();
    pruning.attachTo(network); // puts it first in the listener list
    network.fit(train, 8);
    System.out.println(SparsityReport.of(network));
    // README: end
  }

  @Test
  void theSampleIsTheOneInTheReadme() throws IOException {
    Path source =
        Path.of("src/test/java")
            .resolve(ReadmeTest.class.getName().replace('.', '/').concat(".java"));
    String code = between(source, "// README: begin\n(.*?)\\s*// README: end");
    String readme = between(ROOT.resolve("README.md"), "```java\n(.*?)```");

    assertThat(readme.strip()).isEqualTo(code.stripIndent().strip());
  }

  private static String between(Path file, String pattern) throws IOException {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(Files.readString(file));
    assertThat(matcher.find()).as("%s in %s", pattern, file).isTrue();
    return matcher.group(1);
  }

  @Test
  void theSamplePrunesToItsTarget() throws IOException {
    ImageData data = MnistFiles.shipped();
    MultiLayerNetwork network =
        MnistNetwork.LENET_300_100.build(ImageFormat.MNIST, 1, new Adam(1e-3), 0.0);

    sample(network, ImageBatches.shuffled(data.train(), 100, 1));

    ParameterFilter pruned = ParameterFilter.weights().exceptLayers("output");
    long weights = SparsityReport.of(network, pruned).weights();
    assertThat(SparsityReport.of(network, pruned).nonZeros())
        .isEqualTo(weights - Math.round(0.9 * weights));
    assertThat(
            SparsityReport.of(network, ParameterFilter.weights().onlyLayers("output")).sparsity())
        .isZero();
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
      }
    }
    return pages;
  }

  @Test
  void everyLinkLeadsToAFileAndAHeading() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher links =
          Pattern.compile(
                  "(?:\\]\\(|^\\[\\w+\\]: )(?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?",
                  Pattern.MULTILINE)
              .matcher(text);
      while (links.find()) {
        Path target =
            links.group(1).isEmpty() ? page : page.resolveSibling(links.group(1)).normalize();
        if (!Files.exists(target)) {
          broken.add(page + " -> " + links.group(1));
        } else if (links.group(2) != null && !anchors(target).contains(links.group(2))) {
          broken.add(page + " -> " + links.group(1) + "#" + links.group(2));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  /** The anchors that a page of Markdown gets from its headings. */
  private static List<String> anchors(Path page) throws IOException {
    String text = Files.readString(page);
    List<String> anchors = new ArrayList<>();
    Matcher explicit = Pattern.compile("<a id=\"([^\"]+)\">").matcher(text);
    while (explicit.find()) {
      anchors.add(explicit.group(1));
    }
    text.lines()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .forEach(anchors::add);
    return anchors;
  }

  @Test
  void linesOfProseAreShort() throws IOException {
    List<String> longLines = new ArrayList<>();
    for (Path page : pages()) {
      boolean code = false;
      for (String line : Files.readAllLines(page)) {
        code ^= line.startsWith("```");
        boolean wraps = !code && !line.startsWith("    ") && !line.startsWith("|");
        if (wraps && !line.startsWith("[") && line.codePointCount(0, line.length()) > 120) {
          longLines.add(page + ": " + line);
        }
      }
    }
    assertThat(longLines).isEmpty();
  }

  @Test
  void theReadmeFitsOnFourScreens() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(200);
  }
}
