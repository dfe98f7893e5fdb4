package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.examples.data.IdxFiles;
import io.github.dl4jpruning.examples.data.ImageFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The job that makes networks smaller. */
class ShrinkJobTest {

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 360, 50);
    output = folder.resolve("out");
  }

  private record Result(int code, String out, String err) {}

  private Result run(String job, Path to, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(List.of(job));
    args.addAll(List.of("--data", folder.resolve("digits").toString(), "--batch-size", "30"));
    args.addAll(List.of("--output", to.toString()));
    args.addAll(List.of(options));
    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private static MultiLayerNetwork model(Path file) throws IOException {
    return ModelSerializer.restoreMultiLayerNetwork(file.toFile());
  }

  @Test
  void shouldTrainAndShrinkToATarget() throws Exception {
    Result result =
        run(
            "shrink",
            output,
            "--dense-epochs",
            "4",
            "--target-macs",
            "0.3",
            "--rounds",
            "2",
            "--fine-tune-epochs",
            "1",
            "--max-score-drop",
            "1");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("round 2  epoch 1/1", "accepted", "The target was reached", "MACs")
        .contains("output(), batch 1", "output(), batch 64", "test accuracy");
    long before = SparsityReport.of(model(output.resolve("before.zip"))).macs().orElseThrow();
    long after = SparsityReport.of(model(output.resolve("after.zip"))).macs().orElseThrow();
    assertThat(after).isLessThanOrEqualTo(before * 3 / 10);
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    assertThat(json.at("/macs/before").asLong()).isEqualTo(before);
    assertThat(json.at("/macs/after").asLong()).isEqualTo(after);
    assertThat(json.at("/modelBytes/after").asLong())
        .isEqualTo(Files.size(output.resolve("after.zip")))
        .isLessThan(json.at("/modelBytes/before").asLong());
    assertThat(json.at("/latencyMillis64/after").asDouble()).isPositive();
    assertThat(ImageIO.read(output.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);
  }

  @Test
  void shouldGoOnWhereItStood() throws Exception {
    String[] options = {
      "--dense-epochs", "1", "--target-macs", "0.5", "--rounds", "2", "--fine-tune-epochs", "1"
    };
    List<String> more = new ArrayList<>(List.of(options));
    more.addAll(List.of("--max-score-drop", "1"));
    assertThat(run("shrink", output, more.toArray(String[]::new)).code()).isZero();
    MultiLayerNetwork first = model(output.resolve("after.zip"));
    more.add("--resume");

    Result again = run("shrink", output, more.toArray(String[]::new));

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).contains("The target was reached").doesNotContain("epoch 1/1");
    assertThat(model(output.resolve("after.zip")).params()).isEqualTo(first.params());
    String inside = output.resolve("rounds").resolve("dense.zip").toString();
    Result cleared =
        run("shrink", output, "--model", inside, "--target-macs", "0.5", "--rounds", "1");
    assertThat(cleared.code()).isEqualTo(2);
    assertThat(cleared.err()).contains("which this job clears");
    assertThat(Path.of(inside)).exists();
    Result changed =
        run(
            "shrink",
            output,
            Stream.concat(more.stream(), Stream.of("--l2", "0.1")).toArray(String[]::new));
    assertThat(changed.err()).contains("l2 0.1", "leave out --resume");
    more.addAll(List.of("--seed", "2"));
    Result other = run("shrink", output, more.toArray(String[]::new));
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("seed 2", "leave out --resume");
  }

  @Test
  void shouldFreeAModelOfWhatIsDead() throws Exception {
    Path pruned = folder.resolve("pruned");
    run(
        "mnist",
        pruned,
        "--epochs",
        "2",
        "--fine-tune-epochs",
        "1",
        "--final-sparsity",
        "0.99",
        "--update-every",
        "4");

    Result result = run("shrink", output, "--model", pruned.resolve("pruned.zip").toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("0 of 50 test images are classified differently");
    MultiLayerNetwork before = model(pruned.resolve("pruned.zip"));
    MultiLayerNetwork after = model(output.resolve("after.zip"));
    assertThat(after.numParams()).isLessThan(before.numParams());
  }

  @Test
  void shouldSayWhyNothingCouldGoAndWhatHelps() throws Exception {
    Path pruned = folder.resolve("a model");
    String[] train = {"--epochs", "1", "--fine-tune-epochs", "1", "--update-every", "2"};
    run("mnist", pruned, train);

    Result result = run("shrink", output, "--model", pruned.resolve("pruned.zip").toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .contains("90.0% of the weights are zero, but a unit is removed only if all")
        .containsPattern("parameters .* the same")
        .containsPattern("output\\(\\), batch 64 .*\\(\\d\\.\\d\\d to \\d+\\.\\d\\d\\)");
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    JsonNode times = json.at("/latencyMillis64");
    assertThat(times.get("ratio").asDouble())
        .isBetween(
            times.get("ratioLowerQuartile").asDouble(), times.get("ratioUpperQuartile").asDouble());
    assertThat(times.get("differenceMeasured").isBoolean()).isTrue();

    // What it says to do next can be done.
    String next =
        result.out().lines().filter(line -> line.startsWith("  shrink")).findFirst().orElseThrow();
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("'([^']*)'|(\\S+)").matcher(next);
    while (word.find()) {
      words.add(word.group(1) == null ? word.group(2) : word.group(1));
    }
    assertThat(words).contains(pruned.resolve("pruned.zip").toString(), "--target-macs", "--data");
    words.addAll(List.of("--rounds", "1", "--fine-tune-epochs", "1", "--max-score-drop", "1"));
    words.addAll(List.of("--output", folder.resolve("next").toString(), "--batch-size", "30"));
    StringWriter text = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(text, true), new PrintWriter(text, true), words.toArray(String[]::new));
    assertThat(code).as(text.toString()).isZero();
    assertThat(text.toString())
        .contains("The target was reached")
        .doesNotContain("a unit is removed only");
  }

  @Test
  void shouldShrinkWhatTheRecipeOfTheAdviceMakes() throws Exception {
    Path pruned = folder.resolve("units");
    String recipe = "recipes/coupled-channels.yaml";
    // The recipe is for 1,250 iterations.
    String text =
        Files.readString(Path.of(recipe)).replaceAll("begin: \\d+, end: \\d+", "begin: 1, end: 9");
    Path recipeFile = Files.writeString(folder.resolve("short.yaml"), text);
    Result trained =
        run(
            "mnist",
            pruned,
            "--epochs",
            "2",
            "--fine-tune-epochs",
            "1",
            "--recipe",
            recipeFile.toString());
    assertThat(trained.err()).isEmpty();

    Result result = run("shrink", output, "--model", pruned.resolve("pruned.zip").toString());

    assertThat(result.out()).doesNotContain("a unit is removed only");
    MultiLayerNetwork before = model(pruned.resolve("pruned.zip"));
    assertThat(model(output.resolve("after.zip")).numParams())
        .isLessThan(before.numParams() / 2 + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vgg", "resnet"})
  void shouldShrinkNetworksForColourImages(String network) throws Exception {
    ImageFolders.write(folder.resolve("fruit"), ImageFolders.CLASSES, 20, 5);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(List.of("shrink", "--network", network));
    args.addAll(List.of("--data", folder.resolve("fruit").toString(), "--batch-size", "18"));
    args.addAll(List.of("--dense-epochs", "2", "--target-macs", "0.6", "--rounds", "1"));
    args.addAll(List.of("--fine-tune-epochs", "1", "--max-score-drop", "1", "--threads", "1"));
    args.addAll(List.of("--output", output.toString()));

    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString()).contains("The target was reached", "MACs", "test accuracy");
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    assertThat(json.at("/macs/after").asLong())
        .isPositive()
        .isLessThanOrEqualTo((long) (0.6 * json.at("/macs/before").asLong()));

    // And its model, read again, as it is.
    StringWriter again = new StringWriter();
    List<String> more = new ArrayList<>(List.of("shrink", "--images", "cifar10"));
    more.addAll(List.of("--data", folder.resolve("fruit").toString(), "--threads", "1"));
    more.addAll(List.of("--model", output.resolve("after.zip").toString()));
    more.addAll(List.of("--output", folder.resolve("again").toString()));
    assertThat(
            Main.run(
                new PrintWriter(again, true),
                new PrintWriter(err, true),
                more.toArray(String[]::new)))
        .as(err.toString())
        .isZero();
    assertThat(again.toString()).contains("0 of 15 test images are classified differently");
  }

  /** What it comes to is a matter of the machine. */
  @Test
  void shouldShrinkToALatency() throws Exception {
    Result result =
        run(
            "shrink",
            output,
            "--dense-epochs",
            "1",
            "--target-latency",
            "0.6",
            "--in-runtime",
            "--rounds",
            "1",
            "--fine-tune-epochs",
            "1",
            "--max-score-drop",
            "1");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("latency left").doesNotContain("MACs left");
    assertThat(model(output.resolve("after.zip")).numParams())
        .isLessThanOrEqualTo(model(output.resolve("before.zip")).numParams());
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("must be in (0, 1), but is 1.5", new String[] {"--target-macs", "1.5"}),
        Arguments.of(
            "mutually exclusive",
            new String[] {"--target-macs", "0.5", "--target-parameters", "0.5"}),
        Arguments.of(
            "the target of latency must be in (0, 1), but is 0.0",
            new String[] {"--target-latency", "0"}),
        Arguments.of(
            "--in-runtime needs --target-latency",
            new String[] {"--target-macs", "0.5", "--in-runtime"}),
        Arguments.of("--dense-epochs must be 1 or more", new String[] {"--dense-epochs", "0"}),
        Arguments.of("rounds must be 1 or more", new String[] {"--rounds", "0"}),
        Arguments.of("roundWidthsTo must be 1 or more", new String[] {"--round-widths-to", "0"}),
        Arguments.of("weight must be", new String[] {"--distill", "2"}),
        Arguments.of("but found no file", new String[] {"--model", "does/not/exist.zip"}),
        Arguments.of(
            "expected a model saved by DL4J or Keras 2, or a compact file, but found a file of"
                + " another",
            new String[] {"--model", "pom.xml"}),
        Arguments.of("--images must be digits for", new String[] {"--images", "cifar10"}),
        Arguments.of("--train-images is only for", new String[] {"--train-images", "5"}),
        Arguments.of(
            "cannot be met",
            new String[] {"--dense-epochs", "1", "--target-parameters", "0.0001"}));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void shouldRefuseBadInputInOneLine(String message, String[] options) {
    Result result = run("shrink", output, options);

    assertThat(result.err().lines()).as(result.err()).hasSize(1);
    assertThat(result.err()).contains(message);
    assertThat(result.code()).isEqualTo(2);
  }
}
