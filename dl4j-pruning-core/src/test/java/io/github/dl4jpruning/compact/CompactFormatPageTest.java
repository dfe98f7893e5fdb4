package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.CustomLayersTest.SameDiffDense;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The samples of docs/compact-format.md are compiled and run here. */
class CompactFormatPageTest {

  private static final Path PAGE = Path.of("../docs/compact-format.md");

  /** Stands for a layer of the user's own. */
  public static class MyLayer extends SameDiffDense {
    private static final long serialVersionUID = 1;
  }

  private static MultiLayerNetwork lossless(MultiLayerNetwork network, Path file)
      throws IOException {
    // sample
    CompactSizes sizes = CompactModelSerializer.write(network, file); // bit for bit
    System.out.println(sizes); // what needs how many bytes
    MultiLayerNetwork same = CompactModelSerializer.restoreMultiLayerNetwork(file);
    // end
    return same;
  }

  private static void lossy(MultiLayerNetwork network, DataSetIterator train, Path file)
      throws IOException {
    // sample
    CompactModelSerializer.write(network, file, CompactOptions.halfPrecision());

    SharedWeights shared = SharedWeights.share(network, 4); // 16 values in each tensor
    network.fit(train, 2);
    shared.detach();
    CompactModelSerializer.write(network, file); // finds the few values by itself
    // end
  }

  private static CompactModel everything(
      MultiLayerNetwork network, DataNormalization normalizer, Path file) throws IOException {
    // sample
    CompactOptions options =
        CompactOptions.builder()
            .updaterState(true) // to train on
            .normalizer(normalizer)
            .build();
    CompactModelSerializer.write(network, file, options);
    CompactModel model = CompactModelSerializer.restore(file);
    // end
    return model;
  }

  private static void own(Path file) throws IOException {
    // sample
    CompactModelSerializer.restore(file, RestoreOptions.defaults().allowing(MyLayer.class));
    // end
  }

  @Test
  void aLayerOfOnesOwnHasToBeAllowed(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .list()
                .layer(new MyLayer())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(5)
                        .nOut(3)
                        .build())
                .build());
    network.init();
    Path file = folder.resolve("own.compact");
    CompactModelSerializer.write(network, file);

    assertThatThrownBy(() -> CompactModelSerializer.restore(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("MyLayer");
    own(file);
    Model read =
        CompactModelSerializer.restore(file, RestoreOptions.defaults().allowing(MyLayer.class))
            .network();
    assertThat(read.params()).isEqualTo(network.params());
    assertThat(((MultiLayerNetwork) read).output(Nd4j.ones(2, 6)))
        .isEqualTo(network.output(Nd4j.ones(2, 6)));
  }

  private static void sizes(MultiLayerNetwork network) {
    // sample
    System.out.println(SizeReport.of(network, 4));
    // end
  }

  @Test
  void samplesRun(@TempDir Path folder) throws IOException {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    List<DataSet> examples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      examples.addAll(recipe.batch(i).asList());
    }
    Path file = folder.resolve("model.compact");

    assertThat(lossless(network, file).params()).isEqualTo(network.params());
    long before = Files.size(file);
    lossy(network, new ListDataSetIterator<>(examples, Networks.BATCH), file);
    assertThat(Files.size(file)).isLessThan(before);
    assertThat(everything(network, new ImagePreProcessingScaler(), file).normalizer()).isPresent();
    sizes(network);
  }

  @Test
  void sizeReportAddsUp() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).build();

    SizeReport report = SizeReport.of(network, 3);

    assertThat(report.raw()).isEqualTo(4 * network.numParams());
    assertThat(report.lossless().compact()).isGreaterThan(report.half().compact());
    assertThat(report.half().compact()).isGreaterThan(report.shared().compact());
    for (CompactSizes sizes : List.of(report.lossless(), report.half(), report.shared())) {
      assertThat(
              sizes.tensors().stream().mapToLong(CompactSizes.Tensor::compact).sum()
                  + sizes.configuration()
                  + sizes.rest())
          .isEqualTo(sizes.compact());
    }
    org.nd4j.shade.jackson.databind.JsonNode json =
        new org.nd4j.shade.jackson.databind.ObjectMapper().readTree(report.toJson());
    assertThat(json.at("/sharedBytes").asLong()).isEqualTo(report.shared().compact());
    assertThat(json.at("/tensors")).hasSize(network.paramTable().size());
    assertThat(report.toString()).contains("conv.W", "3 bits shared", "DL4J's own zip");
  }

  @Test
  void samplesOnThePageAreThese() throws IOException {
    String source =
        Files.readString(
            Path.of("src/test/java/io/github/dl4jpruning/compact/CompactFormatPageTest.java"));
    List<String> here = new ArrayList<>();
    Matcher sample =
        Pattern.compile("    // sample\\n(.*?)\\n    // end\\n", Pattern.DOTALL).matcher(source);
    while (sample.find()) {
      here.add(sample.group(1).stripIndent().strip());
    }
    List<String> there = new ArrayList<>();
    Matcher block =
        Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    while (block.find()) {
      there.add(block.group(1).strip());
    }
    assertThat(here).hasSize(5).isEqualTo(there);
  }
}
