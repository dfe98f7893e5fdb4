package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.examples.data.IdxFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** The job that prunes in rounds. */
class IterativeJobTest {

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 360, 50);
    output = folder.resolve("out");
  }

  private record Result(int code, String out, String err) {}

  private Result run(String job, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(List.of(job));
    if (!List.of(options).contains("--data")) {
      args.addAll(List.of("--data", folder.resolve("digits").toString()));
    }
    args.addAll(List.of("--output", output.toString(), "--batch-size", "30"));
    args.addAll(List.of(options));
    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(output.resolve("report.json").toFile());
  }

  private MultiLayerNetwork model(String name) throws IOException {
    return ModelSerializer.restoreMultiLayerNetwork(output.resolve(name).toFile());
  }

  private static String[] quick(String... more) {
    List<String> options =
        new ArrayList<>(
            List.of("--dense-epochs", "6", "--fine-tune-epochs", "2", "--ramp-epochs", "0"));
    options.addAll(List.of(more));
    return options.toArray(String[]::new);
  }

  @Test
  void roundsAreShownAndReported() throws IOException {
    Result result = run("iterative", quick("--targets", "0.5,0.8", "--max-score-drop", "0.5"));

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("dense: validation accuracy", "round 2", "epoch 2/2", "accepted", "chosen")
        .contains("All targets were reached", "test accuracy: dense");
    assertThat(SparsityReport.of(model("pruned.zip")).sparsity()).isBetween(.7999, .8001);
    assertThat(SparsityReport.of(model("dense.zip")).sparsity()).isLessThan(.001);
    assertThat(report().at("/rounds").size()).isEqualTo(2);
    assertThat(report().at("/prunedTestAccuracy").asDouble()).isBetween(.0, 1.0);
    assertThat(Files.readString(output.resolve("report.md"))).contains("| chosen |");
    assertThat(ImageIO.read(output.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);
  }

  @Test
  void aDropOfNothingBringsTheDenseNetworkBack() throws IOException {
    Result result = run("iterative", quick("--targets", "0.9999", "--max-score-drop", "0"));

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("taken back", "was not reached within the allowed drop");
    assertThat(report().at("/complete").asBoolean()).isFalse();
    assertThat(model("pruned.zip").params()).isEqualTo(model("dense.zip").params());
  }

  @Test
  void testImagesChooseNothing() throws IOException {
    String[] options = quick("--as-sparse-as-possible", "0.3", "--max-score-drop", "0.02");
    run("iterative", options);
    MultiLayerNetwork first = model("pruned.zip");
    ObjectNode firstReport = (ObjectNode) report();
    // Test images whose labels are all another.
    Path labels = folder.resolve("digits").resolve("t10k-labels-idx1-ubyte.gz");
    Files.delete(labels);
    byte[] wrong = new byte[8 + 50];
    wrong[2] = 8;
    wrong[3] = 1;
    wrong[7] = 50;
    Files.write(folder.resolve("digits").resolve("t10k-labels-idx1-ubyte"), wrong);

    run("iterative", options);

    assertThat(model("pruned.zip").params()).isEqualTo(first.params());
    ObjectNode secondReport = (ObjectNode) report();
    assertThat(secondReport.path("prunedTestAccuracy"))
        .isNotEqualTo(firstReport.path("prunedTestAccuracy"));
    List<String> ofTheTest = List.of("prunedTestAccuracy", "denseTestAccuracy");
    assertThat(secondReport.remove(ofTheTest)).isEqualTo(firstReport.remove(ofTheTest));
  }

  @Test
  void itStartsAnewUnlessItIsToldToGoOn() throws IOException {
    String[] options = quick("--targets", "0.5");
    run("iterative", options);
    MultiLayerNetwork first = model("pruned.zip");

    Result anew = run("iterative", quick("--targets", "0.6"));
    Result other = run("iterative", quick("--targets", "0.7", "--resume"));
    Result again = run("iterative", quick("--targets", "0.6", "--resume"));

    assertThat(anew.code()).isZero();
    assertThat(anew.out()).contains("epoch 1/6");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("expected a run with the settings").hasLineCount(1);
    assertThat(again.out()).doesNotContain("epoch 1/6").contains("chosen");
    assertThat(model("pruned.zip").params()).isNotEqualTo(first.params());
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("targets must rise", List.of("iterative", "--targets", "0.9,0.5")),
        Arguments.of("[0, 1)", List.of("iterative", "--targets", "1")),
        Arguments.of("maxScoreDrop must be 0", List.of("iterative", "--max-score-drop", "-1")),
        Arguments.of("fineTuneEpochs must be", List.of("iterative", "--fine-tune-epochs", "0")),
        Arguments.of("--dense-epochs must be", List.of("iterative", "--dense-epochs", "0")),
        Arguments.of("rampEpochs must be 0 or", List.of("iterative", "--ramp-epochs", "-1")),
        Arguments.of("patience must be 1", List.of("iterative", "--patience", "0")),
        Arguments.of("tolerance", List.of("iterative", "--as-sparse-as-possible", "0")),
        Arguments.of("reach the epoch to rewind", List.of("iterative", "--rewind-weights", "99")),
        Arguments.of("teacher's weight", List.of("iterative", "--distill", "2")));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void badInputIsRefusedInOneLine(String message, List<String> command) {
    Result result = run(command.get(0), command.subList(1, command.size()).toArray(String[]::new));

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(result.err()).doesNotContain("Exception");
    assertThat(output).doesNotExist();
  }
}
