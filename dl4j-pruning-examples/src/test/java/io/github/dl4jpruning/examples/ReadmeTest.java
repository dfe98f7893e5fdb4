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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    for (String document :
        List.of(
            "README.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "docs/design-decisions.md",
            "docs/results.md",
            "docs/iterative-pruning.md",
            "docs/benchmarks.md",
            "docs/trace-of-one-tensor.md")) {
      Path file = ROOT.resolve(document);
      Matcher links = Pattern.compile("\\]\\((?!https?:)([^)#]+)").matcher(Files.readString(file));
      while (links.find()) {
        assertThat(file.getParent().resolve(links.group(1))).exists();
      }
    }
  }
}
