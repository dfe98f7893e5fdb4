package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.examples.data.IdxFiles;
import io.github.dl4jpruning.io.FolderLock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class MainTest {

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 240, 50);
    output = folder.resolve("out");
  }

  /** What a job printed and how it ended. */
  private record Result(int code, String out, String err) {}

  private Result run(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(List.of("mnist"));
    if (!List.of(options).contains("--data")) {
      args.addAll(List.of("--data", folder.resolve("digits").toString()));
    }
    if (!List.of(options).contains("--output")) {
      args.addAll(List.of("--output", output.toString()));
    }
    args.addAll(List.of(options));
    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "polynomial, global, lenet-300-100",
    "linear, uniform, lenet-300-100",
    "one-shot, global, lenet-300-100",
    "constant, uniform, lenet-5"
  })
  void shouldTrainPruneAndReport(String schedule, String distribution, String network)
      throws Exception {
    Result result =
        run(
            "--schedule", schedule,
            "--distribution", distribution,
            "--network", network,
            "--epochs", "2",
            "--fine-tune-epochs", "1",
            "--batch-size", "55",
            "--update-every", "3",
            "--final-sparsity", "0.8");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("epoch 3/3", "sparsity 80.00%", "validation", "test accuracy", "‖W‖₀")
        .contains(output.resolve("pruned.zip").toString());
    MultiLayerNetwork dense =
        ModelSerializer.restoreMultiLayerNetwork(output.resolve("dense.zip").toFile());
    MultiLayerNetwork pruned =
        ModelSerializer.restoreMultiLayerNetwork(output.resolve("pruned.zip").toFile());
    assertThat(SparsityReport.of(dense).sparsity()).isLessThan(0.001);
    assertThat(SparsityReport.of(pruned).sparsity()).isBetween(0.7999, 0.8001);
    assertThat(pruned.getEpochCount()).isEqualTo(dense.getEpochCount()).isEqualTo(3);
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    assertThat(json.at("/pruned/sparsity/total/nonZeros").asLong())
        .isEqualTo(SparsityReport.of(pruned).nonZeros());
    assertThat(json.at("/pruned/epochs").size()).isEqualTo(3);
    assertThat(json.at("/pruned/testAccuracy").asDouble()).isBetween(0.0, 1.0);
    assertThat(json.at("/pruned/modelBytes").asLong())
        .isEqualTo(Files.size(output.resolve("pruned.zip")))
        .isLessThan(json.at("/dense/modelBytes").asLong());
    assertThat(ImageIO.read(output.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);
  }

  @Test
  void shouldGiveTheSameNetworksForTheSameSeed() throws Exception {
    String[] options = {"--epochs", "1", "--fine-tune-epochs", "1", "--update-every", "2"};
    run(options);
    MultiLayerNetwork first =
        ModelSerializer.restoreMultiLayerNetwork(output.resolve("pruned.zip").toFile());
    run(options);
    MultiLayerNetwork second =
        ModelSerializer.restoreMultiLayerNetwork(output.resolve("pruned.zip").toFile());

    assertThat(second.params()).isEqualTo(first.params());
  }

  @Test
  void shouldKeepTheRateUntilItIsToFall() throws Exception {
    Result result =
        run(
            "--epochs", "2",
            "--fine-tune-epochs", "2",
            "--batch-size", "55",
            "--final-learning-rate", "0.00001",
            "--decay-after", "2");

    assertThat(result.err()).isEmpty();
    MultiLayerNetwork pruned =
        ModelSerializer.restoreMultiLayerNetwork(output.resolve("pruned.zip").toFile());
    int perEpoch = pruned.getIterationCount() / 4;
    ISchedule rate =
        ((Adam) ((BaseLayer) pruned.getLayer(0).conf().getLayer()).getIUpdater())
            .getLearningRateSchedule();
    double[] rates = {1e-3, 1e-3, 1e-4, 1e-5};
    for (int iteration = 0; iteration < 4 * perEpoch; iteration++) {
      assertThat(rate.valueAt(iteration, 0)).isCloseTo(rates[iteration / perEpoch], within(1e-12));
    }
    assertThat(perEpoch).isEqualTo(4);
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("Unknown options: '--sparsity'", new String[] {"--sparsity", "0.5"}),
        Arguments.of("[0, 1)", new String[] {"--final-sparsity", "1"}),
        Arguments.of("but is NaN", new String[] {"--final-sparsity", "NaN"}),
        Arguments.of("'most'", new String[] {"--final-sparsity", "most"}),
        Arguments.of("--epochs must be 1 or more, but is 0", new String[] {"--epochs", "0"}),
        Arguments.of(
            "--fine-tune-epochs must be 0 or more", new String[] {"--fine-tune-epochs", "-1"}),
        Arguments.of("--batch-size must be 1 or more", new String[] {"--batch-size", "0"}),
        Arguments.of("--learning-rate must be", new String[] {"--learning-rate", "0"}),
        Arguments.of(
            "--final-learning-rate must be above 0", new String[] {"--final-learning-rate", "0.1"}),
        Arguments.of("needs a --final-learning-rate", new String[] {"--decay-after", "2"}),
        Arguments.of(
            "--decay-after must be from 1 to 14, so that an epoch is left, but is 15",
            new String[] {"--final-learning-rate", "0.0001", "--decay-after", "15"}),
        Arguments.of("--threads must be 1 or more", new String[] {"--threads", "0"}),
        Arguments.of(
            "--update-every must be 1 or more, but is 0", new String[] {"--update-every", "0"}),
        Arguments.of(
            "--begin must not be after --end", new String[] {"--begin", "3i", "--end", "2i"}),
        Arguments.of("--end must be within the", new String[] {"--end", "40 epochs"}),
        Arguments.of("--epochs must not make more", new String[] {"--epochs", "1000000000"}),
        Arguments.of("--begin has no", new String[] {"--schedule", "constant", "--begin", "1"}),
        Arguments.of("--end has no", new String[] {"--schedule", "one-shot", "--end", "1"}),
        Arguments.of("--data must name a folder", new String[] {"--data", " "}),
        Arguments.of("found 'soon'", new String[] {"--begin", "soon"}),
        Arguments.of("whole number of iterations", new String[] {"--begin", "1.5i"}),
        Arguments.of("--schedule", new String[] {"--schedule", "cubic"}),
        Arguments.of("no such folder", new String[] {"--data", "does/not/exist"}),
        Arguments.of("expected train-images-idx3-ubyte", new String[] {"--data", "."}));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void shouldRefuseBadInputInOneLine(String message, String[] options) {
    Result result = run(options);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(result.err()).doesNotContain("Exception").doesNotContain("PointInTraining");
    assertThat(result.out()).isEmpty();
    assertThat(output).doesNotExist();
  }

  @Test
  void shouldRefuseAnOutputFolderThatCannotBeWritten() throws IOException {
    Path taken = Files.writeString(folder.resolve("taken"), "text");

    Result result = run("--output", taken.toString());

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("there is a file of that name").hasLineCount(1);
    assertThat(taken).hasContent("text");
  }

  @Test
  void shouldRefuseAFolderThatAnotherJobWritesTo() throws IOException {
    Path folderInUse = Files.createDirectories(output);
    try (FolderLock held = FolderLock.of(folderInUse)) {
      assertThat(held).isNotNull();
      Result second = run("--epochs", "1", "--fine-tune-epochs", "0");
      assertThat(second.code()).isEqualTo(2);
      assertThat(second.err())
          .startsWith("error: ")
          .contains(output.toString())
          .contains("no other job writes to")
          .hasLineCount(1);
    }
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void shouldSayWhereTrainingDiverged() throws IOException {
    Result dense = run("--epochs", "1", "--fine-tune-epochs", "0", "--learning-rate", "1e30");

    assertThat(dense.code()).isEqualTo(2);
    assertThat(dense.err())
        .startsWith("error: dense network, epoch 1:")
        .contains("--learning-rate")
        .hasLineCount(1);
    try (Stream<Path> files = Files.list(output)) {
      assertThat(files).containsExactly(output.resolve("saved"));
    }
    assertThat(output.resolve("saved")).isEmptyDirectory();
  }

  @Test
  void shouldTakeTheShortestTraining() {
    Result result = run("--epochs", "1", "--fine-tune-epochs", "0", "--batch-size", "2147483647");

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("sparsity 90.00%");
    assertThat(run("--epochs", "2", "--fine-tune-epochs", "0", "--end", "2").code()).isZero();
    assertThat(run("--epochs", "2", "--end", "1").code()).isZero();
  }

  @Test
  void shouldAskForAJob() {
    StringWriter err = new StringWriter();

    int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("error: ")
        .contains("Missing required subcommand")
        .hasLineCount(1);
  }

  @Test
  void shouldExplainItself() {
    Result result = run("--help");

    assertThat(result.code()).isZero();
    for (String option :
        List.of(
            "--network",
            "--recipe",
            "--final-sparsity",
            "--schedule",
            "--begin",
            "--end",
            "--update-every",
            "--distribution",
            "--epochs",
            "--fine-tune-epochs",
            "--batch-size",
            "--learning-rate",
            "--seed",
            "--threads",
            "--data",
            "--output")) {
      assertThat(result.out()).contains(option);
    }
    assertThat(result.out())
        .containsPattern(
            "polynomial,\\s+linear,\\s+exponential,\\s+cosine,\\s+one-cycle,\\s+one-shot,\\s+constant")
        .contains("Examples:");
  }
}
