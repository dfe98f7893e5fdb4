package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
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
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The command that takes units out of a model. */
class ShrinkCommandTest {

  @TempDir Path folder;
  private Path model;
  private Path data;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    model = OwnData.perceptron(folder.resolve("a model.zip"), 5, 3);
    data = OwnData.flowers(folder.resolve("flowers.csv"), 150);
    output = folder.resolve("out");
  }

  private Run shrink(String... more) {
    List<String> args = new ArrayList<>(List.of("shrink", model.toString()));
    args.addAll(List.of("--output", output.toString(), "--threads", "1"));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  private Run toTarget(String... more) {
    List<String> args = new ArrayList<>(List.of("--data", data.toString()));
    args.addAll(List.of("--dense-epochs", "30", "--target-macs", "0.5", "--rounds", "2"));
    args.addAll(List.of("--fine-tune-epochs", "4", "--max-score-drop", "1"));
    args.addAll(List.of(more));
    return shrink(args.toArray(String[]::new));
  }

  private static MultiLayerNetwork network(Path file) throws IOException {
    return (MultiLayerNetwork) ModelFile.load(file).network();
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(output.resolve("report.json").toFile());
  }

  @Test
  void shouldTrainAndShrinkToATarget() throws IOException {
    Run run = toTarget();

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("epoch 30/30", "round 2", "accepted", "The target was reached", "MACs")
        .contains("output(), batch 1 ", "output(), batch 64", "test accuracy", "another class");
    long before = SparsityReport.of(network(output.resolve("before.zip"))).macs().orElseThrow();
    long after = SparsityReport.of(network(output.resolve("after.zip"))).macs().orElseThrow();
    assertThat(after).isLessThanOrEqualTo(before / 2);
    JsonNode json = report();
    assertThat(json.at("/macs/before").asLong()).isEqualTo(before);
    assertThat(json.at("/macs/after").asLong()).isEqualTo(after);
    assertThat(json.at("/modelBytes/after").asLong())
        .isEqualTo(Files.size(output.resolve("after.zip")));
    assertThat(json.at("/latencyMillis64/after").asDouble()).isPositive();
    assertThat(json.at("/test/after").asDouble()).isBetween(0.7, 1.0);
    assertThat(ImageIO.read(output.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);

    // The result takes raw data, as the normaliser is stored with it.
    Path whole = output.resolve("after.zip");
    Run score = Run.of("evaluate", whole.toString(), "--data", data.toString());
    assertThat(score.out()).containsPattern("accuracy +0\\.[89]|accuracy +1\\.0");
  }

  @Test
  void shouldGoOnWhereItStood() throws IOException {
    assertThat(toTarget().code()).isZero();
    INDArray first = network(output.resolve("after.zip")).params();

    Run again = toTarget("--resume");

    assertThat(again.err()).isEmpty();
    assertThat(again.out())
        .contains("The target was reached")
        .doesNotContain("epoch 1/4")
        .doesNotContain("epoch 1/30");
    assertThat(network(output.resolve("after.zip")).params()).isEqualTo(first);
    Run other = toTarget("--resume", "--seed", "2");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("seed 2", "leave --resume out").hasLineCount(1);

    Path kept = output.resolve("state").resolve("dense.zip");
    model = Files.createDirectory(folder.resolve("x")).resolve("../out/./state/dense.zip");
    Run cleared = toTarget();
    assertThat(cleared.code()).isEqualTo(2);
    assertThat(cleared.err()).contains("which this run clears").hasLineCount(1);
    assertThat(kept).exists();
  }

  @Test
  void shouldGoOnWhereverItsFilesLie() throws IOException {
    assertThat(toTarget().err()).isEmpty();
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    data = Files.move(data, elsewhere.resolve("flowers.csv"));
    model = Files.move(model, elsewhere.resolve("b.zip"));
    Path moved = Files.move(output, folder.resolve("moved"));
    output = Files.createSymbolicLink(folder.resolve("link"), moved);

    Run again = toTarget("--resume");

    assertThat(again.err()).isEmpty();
    assertThat(again.out()).contains("The target was reached").doesNotContain("epoch 1/30");
    Files.writeString(data, Files.readString(data) + "101,10,red,0.5,rose\n");
    Run other = toTarget("--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("expected the state of a run with").hasLineCount(1);
  }

  @Test
  void shouldTakeOutDeadUnitsWithoutData() throws IOException {
    MultiLayerNetwork network = network(model);
    for (int unit = 3; unit < 15; unit++) {
      network.getParam("1_W").getRow(unit).assign(0);
    }
    ModelSerializer.writeModel(network, model.toFile(), false);

    Run run = shrink();

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).doesNotContain("a unit is removed only").doesNotContain("test accuracy");
    assertThat(network(output.resolve("after.zip")).layerSize(0)).isEqualTo(12);
    assertThat(report().has("test")).isFalse();

    Run scored = shrink("--data", data.toString());
    assertThat(scored.err()).isEmpty();
    assertThat(scored.out()).containsPattern("0 of 2[123] test predictions are of another class");
    assertThat(report().at("/largestDifference").asDouble()).isLessThan(1e-5);
  }

  @Test
  void shouldSayWhyNothingCouldGoAndWhatHelps() {
    Run run = shrink();

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("0.0% of the weights are zero, but a unit is removed only if all")
        .contains("shrink '" + model + "' --data DATA --target-macs 0.25")
        .containsPattern("parameters .* the same");
  }

  @Test
  void shouldShrinkImageNetworksToALatencyInTheRuntime() throws IOException {
    model = OwnData.convolutional(folder.resolve("cnn.zip"));
    Path images = OwnData.shapes(folder.resolve("images"), 20);

    Run run =
        shrink(
            "--data",
            images.toString(),
            "--target-latency=0.7",
            "--in-runtime",
            "--rounds=1",
            "--fine-tune-epochs=1",
            "--max-score-drop=1");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("latency left").doesNotContain("MACs left");
    assertThat(network(output.resolve("after.zip")).numParams())
        .isLessThanOrEqualTo(network(output.resolve("before.zip")).numParams());
  }

  @Test
  void shouldCompareNumbersToPredict() throws IOException {
    model = OwnData.perceptron(folder.resolve("houses.zip"), 2, 1);
    Path houses = OwnData.houses(folder.resolve("houses.csv"), 60);

    Run run = shrink("--data", houses.toString(), "--delimiter=;", "--label=price", "--ignore=id");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("test r2", "the largest difference on 9 test predictions is 0");
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("must be in (0, 1), but is 1.5", List.of("--target-macs", "1.5")),
        Arguments.of(
            "mutually exclusive", List.of("--target-macs", "0.5", "--target-parameters", "0.5")),
        Arguments.of(
            "the target of latency must be in (0, 1), but is 0.0",
            List.of("--target-latency", "0")),
        Arguments.of(
            "--in-runtime needs --target-latency", List.of("--target-macs", "0.5", "--in-runtime")),
        Arguments.of("--dense-epochs needs a target", List.of("--dense-epochs", "1")),
        Arguments.of("--resume needs a target", List.of("--resume")),
        Arguments.of("rounds must be 1 or more", List.of("--rounds", "0", "--target-macs", "0.5")),
        Arguments.of("--round-widths-to must be 1 or more", List.of("--round-widths-to", "0")),
        Arguments.of(
            "--distill must be in [0, 1]", List.of("--distill", "2", "--target-macs", "0.5")),
        Arguments.of("cannot be met", List.of("--target-parameters", "0.0001")));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void shouldRefuseBadInputInOneLine(String message, List<String> options) {
    List<String> all = new ArrayList<>(List.of("--data", data.toString()));
    all.addAll(options);

    Run run = shrink(all.toArray(String[]::new));

    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(output.resolve("after.zip")).doesNotExist();
  }

  @Test
  void shouldRefuseOptionsThatNothingUses() {
    refused("--rounds needs a target", "--rounds", "2");
    refused("--optimizer needs a target", "--optimizer", "adam");
    refused("--metric needs --data", "--metric", "auc");
    refused("--label needs --data", "--label", "kind");
    String table = data.toString();
    refused(
        "--round-widths-to excludes a target",
        "--data",
        table,
        "--target-macs=0.5",
        "--round-widths-to=4");
    refused("--input: expected a shape that the model takes", "--input", "3x3x9");
  }

  private void refused(String message, String... options) {
    Run run = shrink(options);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void shouldNotTouchWhatIsNotItsOwn() throws IOException {
    Path own = Files.createDirectories(output.resolve("state"));
    Files.writeString(own.resolve("notes.txt"), "mine");
    refused(
        "expected the state of a run, or an empty folder",
        "--data",
        data.toString(),
        "--target-macs=0.5");
    assertThat(own.resolve("notes.txt")).hasContent("mine");

    byte[] before = Files.readAllBytes(model);
    model = Files.copy(model, output.resolve("after.zip"));
    refused("after.zip is one of the results");
    assertThat(model).hasBinaryContent(before);
  }

  @Test
  void shouldNeedDataForATarget() {
    Run run = shrink("--target-macs", "0.5");

    assertThat(run.err()).contains("a target needs --data, which is not given").hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
  }
}
