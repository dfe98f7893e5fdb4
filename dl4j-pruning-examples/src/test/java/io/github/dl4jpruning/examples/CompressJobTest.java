package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.examples.data.IdxFiles;
import io.github.dl4jpruning.examples.data.ImageFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The job that writes small files. */
class CompressJobTest {

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 360, 50);
    output = folder.resolve("out");
  }

  private record Result(int code, String out, String err) {}

  private static Result run(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            arguments.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private List<String> digits(String job, Path to, String... more) {
    List<String> arguments = new ArrayList<>(List.of(job));
    arguments.addAll(List.of("--data", folder.resolve("digits").toString(), "--batch-size", "30"));
    arguments.addAll(List.of("--threads", "1", "--output", to.toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private String pruned() {
    Path to = folder.resolve("pruned");
    List<String> train =
        digits("mnist", to, "--epochs", "2", "--fine-tune-epochs", "1", "--update-every", "4");
    train.addAll(List.of("--final-sparsity", "0.95"));
    assertThat(run(train).code()).isZero();
    return to.resolve("pruned.zip").toString();
  }

  @Test
  void shouldWriteALosslessFile() throws Exception {
    String model = pruned();

    Result result = run(digits("compress", output, "--model", model));

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("raw floats", "DL4J's zip", "compact, lossless", "4 bits shared", "fc1.W")
        .contains("0 of 50 test images are classified differently")
        .contains("read back, the file gives the same predictions");
    MultiLayerNetwork before = ModelSerializer.restoreMultiLayerNetwork(model);
    Path file = output.resolve("model.compact");
    assertThat(CompactModelSerializer.restoreMultiLayerNetwork(file).params())
        .isEqualTo(before.params());
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    assertThat(json.at("/fileBytes").asLong())
        .isEqualTo(Files.size(file))
        .isEqualTo(json.at("/losslessBytes").asLong());
    assertThat(json.at("/rawBytes").asLong()).isEqualTo(4L * before.numParams());
    assertThat(json.at("/zipBytes").asLong()).isGreaterThan(json.at("/losslessBytes").asLong());
    assertThat(json.at("/fileIsLossless").asBoolean()).isTrue();
    assertThat(ImageIO.read(output.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);

    // And what it has written it reads, as the other job does.
    for (String job : List.of("compress", "shrink")) {
      Result again = run(digits(job, folder.resolve(job), "--model", file.toString()));
      assertThat(again.code()).as(again.err()).isZero();
      assertThat(again.out()).contains("0 of 50 test images are classified differently");
    }
  }

  @Test
  void shouldShareWeightsAndTrainThem() throws Exception {
    String model = pruned();

    Result result =
        run(digits("compress", output, "--model", model, "--bits", "2", "--fine-tune-epochs", "3"));

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("shared values  epoch 3/3", "2 bits shared");
    MultiLayerNetwork read =
        CompactModelSerializer.restoreMultiLayerNetwork(output.resolve("model.compact"));
    MultiLayerNetwork before = ModelSerializer.restoreMultiLayerNetwork(model);
    for (String name : List.of("0_W", "1_W", "2_W")) {
      double[] weights = read.getParam(name).dup().data().asDouble();
      double[] old = before.getParam(name).dup().data().asDouble();
      assertThat(Arrays.stream(weights).filter(w -> w != 0).distinct().count())
          .isLessThanOrEqualTo(4);
      for (int i = 0; i < old.length; i++) {
        assertThat(weights[i] == 0.0).isEqualTo(old[i] == 0.0);
      }
    }
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    assertThat(json.at("/fileBytes").asLong()).isLessThan(json.at("/losslessBytes").asLong());
  }

  @Test
  void shouldTakeGraphsForColourImages() throws Exception {
    Path fruit = folder.resolve("fruit");
    ImageFolders.write(fruit, ImageFolders.CLASSES, 20, 5);
    List<String> arguments = new ArrayList<>(List.of("compress", "--network", "resnet"));
    arguments.addAll(List.of("--data", fruit.toString(), "--dense-epochs", "1"));
    arguments.addAll(List.of("--batch-size", "18", "--threads", "1", "--bits", "6"));
    arguments.addAll(List.of("--output", output.toString()));

    Result result = run(arguments);

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(
            CompactModelSerializer.restoreComputationGraph(output.resolve("model.compact"))
                .numParams())
        .isGreaterThan(70_000);
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("--bits must be 1 to 8, but is 9", new String[] {"--bits", "9"}),
        Arguments.of("--bits must be 1 to 8, but is 0", new String[] {"--bits", "0"}),
        Arguments.of(
            "--fine-tune-epochs must be 0 without --bits",
            new String[] {"--fine-tune-epochs", "1"}),
        Arguments.of(
            "--fine-tune-epochs must be 0 or more", new String[] {"--fine-tune-epochs", "-1"}),
        Arguments.of(
            "--fine-tune-rate must be a finite number above 0",
            new String[] {"--fine-tune-rate", "0"}),
        Arguments.of("but found no file", new String[] {"--model", "does/not/exist.zip"}),
        Arguments.of("expected a model saved by DL4J", new String[] {"--model", "pom.xml"}));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void shouldRefuseBadInputInOneLine(String message, String[] options) {
    Result result = run(digits("compress", output, options));

    assertThat(result.err().lines()).as(result.err()).hasSize(1);
    assertThat(result.err()).contains(message);
    assertThat(result.code()).isEqualTo(2);
  }
}
