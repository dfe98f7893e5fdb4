package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The command that writes compact files. */
class CompressCommandTest {

  @TempDir Path folder;
  private Path model;
  private Path data;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);
    MultiLayerNetwork network = (MultiLayerNetwork) ModelFile.load(model).network();
    INDArray weights = network.getParam("0_W");
    for (long i = 0; i < weights.length(); i += 2) { // half of them
      weights.putScalar(i, 0);
    }
    ModelSerializer.writeModel(network, model.toFile(), false);
    data = OwnData.flowers(folder.resolve("flowers.csv"), 150);
    output = folder.resolve("out");
  }

  private Run compress(Path file, String... more) {
    List<String> args = new ArrayList<>(List.of("compress", file.toString()));
    args.addAll(List.of("--output", output.toString(), "--threads", "1"));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(output.resolve("report.json").toFile());
  }

  @Test
  void shouldWriteALosslessFile() throws IOException {
    Run run = compress(model, "--data", data.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("raw floats", "DL4J's zip", "compact, lossless", "4 bits shared", "layer0.W")
        .contains("validation accuracy")
        .containsPattern("0 of 2[123] test predictions are of another class");
    Path file = output.resolve("model.compact");
    assertThat(CompactModelSerializer.restoreMultiLayerNetwork(file).params())
        .isEqualTo(ModelFile.load(model).network().params());
    JsonNode json = report();
    assertThat(json.at("/fileBytes").asLong())
        .isEqualTo(Files.size(file))
        .isEqualTo(json.at("/losslessBytes").asLong());
    assertThat(json.at("/fileIsLossless").asBoolean()).isTrue();
    assertThat(ImageIO.read(output.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);

    Path written = Files.move(file, folder.resolve("written"));
    Run again = compress(written);
    assertThat(again.err()).as("reads what it has written, and needs no data").isEmpty();
    assertThat(again.out()).contains("5 bits shared").doesNotContain("validation");
    assertThat(report().has("test")).isFalse();
    assertThat(output.resolve("model.compact")).hasSameBinaryContentAs(written);
  }

  @Test
  void shouldKeepTheNormaliser() throws IOException {
    NormalizerStandardize fitted =
        new NormalizerStandardize(
            Nd4j.create(new double[] {130, 11, 0.5, 0, 1}, 1, 5),
            Nd4j.create(new double[] {25, 2, 0.5, 1, 1}, 1, 5));
    ModelSerializer.addNormalizerToModel(model.toFile(), fitted);

    assertThat(compress(model).err()).isEmpty();

    assertThat(ModelFile.load(output.resolve("model.compact")).normalizer()).contains(fitted);
  }

  @Test
  void shouldShareWeightsAndTrainThem() throws IOException {
    Run run = compress(model, "--data", data.toString(), "--bits", "2", "--fine-tune-epochs", "3");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("shared values  epoch 3/3", "2 bits shared");
    MultiLayerNetwork read =
        CompactModelSerializer.restoreMultiLayerNetwork(output.resolve("model.compact"));
    MultiLayerNetwork before = (MultiLayerNetwork) ModelFile.load(model).network();
    for (String name : List.of("0_W", "1_W")) {
      double[] weights = read.getParam(name).dup().data().asDouble();
      double[] old = before.getParam(name).dup().data().asDouble();
      assertThat(Arrays.stream(weights).filter(w -> w != 0).distinct().count())
          .isLessThanOrEqualTo(4);
      for (int i = 0; i < old.length; i++) {
        assertThat(weights[i] == 0.0).isEqualTo(old[i] == 0.0);
      }
    }
    JsonNode json = report();
    assertThat(json.at("/fileIsLossless").asBoolean()).isFalse();
    assertThat(json.at("/fileBytes").asLong()).isLessThan(json.at("/losslessBytes").asLong());
  }

  @Test
  void shouldKeepTheBestEpochOfAnError() throws IOException {
    Path regression = OwnData.perceptron(folder.resolve("houses.zip"), 2, 1);
    Path houses = OwnData.houses(folder.resolve("houses.csv"), 60);

    Run run =
        compress(
            regression,
            "--data",
            houses.toString(),
            "--delimiter=;",
            "--label=price",
            "--ignore=id",
            "--normalize=standardize",
            "--metric=mse",
            "--bits=3",
            "--fine-tune-epochs=6",
            "--fine-tune-rate=0.01");

    assertThat(run.err()).isEmpty();
    double best =
        run.out()
            .lines()
            .filter(line -> line.startsWith("shared values"))
            .mapToDouble(line -> Double.parseDouble(line.replaceAll(".* ", "")))
            .min()
            .orElseThrow();
    JsonNode json = report();
    assertThat(json.at("/fileValidation").asDouble()).isLessThan(best + 1e-4);
    assertThat(json.at("/largestDifference").asDouble()).isGreaterThan(1e-3);
    // The file has the normaliser that its values learned with.
    assertThat(ModelFile.load(output.resolve("model.compact")).normalizer()).isPresent();
    assertThat(json.at("/metric").asText()).isEqualTo("mse");
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("--bits must be 1 to 8, but is 9", List.of("--bits", "9")),
        Arguments.of("--bits must be 1 to 8, but is 0", List.of("--bits", "0")),
        Arguments.of(
            "--fine-tune-epochs must be 0 without --bits", List.of("--fine-tune-epochs", "1")),
        Arguments.of(
            "--fine-tune-epochs must be 0 without --data",
            List.of("--bits", "2", "--fine-tune-epochs", "1")),
        Arguments.of("--fine-tune-epochs must be 0 or more", List.of("--fine-tune-epochs", "-1")),
        Arguments.of(
            "--fine-tune-rate must be a finite number above 0", List.of("--fine-tune-rate", "0")),
        Arguments.of("--metric needs --data", List.of("--metric", "mse")));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void shouldRefuseBadInputInOneLine(String message, List<String> options) {
    Run run = compress(model, options.toArray(String[]::new));

    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(output).doesNotExist();
  }
}
