package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
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

/** The jobs that prune in rounds and that ask what each layer bears. */
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

  @Test
  void sensitivityProposesARecipe() throws IOException {
    Result result =
        run(
            "sensitivity",
            "--dense-epochs",
            "4",
            "--sparsities",
            "0.3,0.6,0.9",
            "--max-score-drop",
            "0.1",
            "--in-runtime");

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("times as fast as with nothing pruned:");
    assertThat(result.out()).contains("9/9", "output", "proposed sparsity", "all");
    assertThat(Files.readAllLines(output.resolve("sensitivity.csv"))).hasSize(10);
    assertThat(ImageIO.read(output.resolve("sensitivity.png").toFile()).getWidth()).isEqualTo(960);
    Path recipe = Files.copy(output.resolve("proposal.yaml"), folder.resolve("proposal.yaml"));

    Result mnist =
        run("mnist", "--recipe", recipe.toString(), "--epochs", "10", "--fine-tune-epochs", "1");

    assertThat(mnist.err()).isEmpty();
    assertThat(mnist.code()).isZero();
  }

  @Test
  void aSweepLeavesATableAPageAndARecipe() throws IOException {
    String[] options = {
      "--final-sparsities",
      "0.5,0.8",
      "--distributions",
      "global",
      "--dense-epochs",
      "1",
      "--begins",
      "1",
      "--ends",
      "2",
      "--epochs",
      "3",
      "--jobs",
      "2"
    };
    Result result = run("sweep", options);

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("5/5", "dense  validation", "front", "best     run");
    assertThat(Files.readAllLines(output.resolve("sweep.csv"))).hasSize(5);
    assertThat(ImageIO.read(output.resolve("pareto.png").toFile()).getWidth()).isEqualTo(960);
    assertThat(Files.readString(output.resolve("sweep.html")))
        .contains("data:image/png;base64,", "</html>")
        .doesNotContain("http:", "https:");
    String first = Files.readString(output.resolve("sweep.csv"));

    Result resumed = run("sweep", more(options, "--resume"));
    Result other = run("sweep", more(options, "--resume", "--update-every", "7"));
    Path recipe = Files.copy(output.resolve("best.yaml"), folder.resolve("best.yaml"));
    Result mnist =
        run("mnist", "--recipe", recipe.toString(), "--epochs", "2", "--fine-tune-epochs", "1");

    assertThat(resumed.code()).isZero();
    assertThat(output.resolve("sweep.csv")).hasContent(first);
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("a sweep with the same settings").hasLineCount(1);
    assertThat(mnist.err()).isEmpty();
    // The recipe gives in a training of its own what it gave in the sweep.
    String best = first.lines().filter(l -> l.endsWith(",true")).findFirst().orElseThrow();
    assertThat(report().at("/pruned/sparsity/total/nonZeros").asText())
        .isIn(first.lines().skip(1).map(l -> l.replaceFirst(".*\",,(\\d+),.*", "$1")).toList());
    assertThat(best).isNotEmpty();
  }

  @Test
  void aSweepStopsBadSettingsEarly() throws IOException {
    String[] options = {
      "--halving",
      "--final-sparsities",
      "0.5,0.8",
      "--dense-epochs",
      "1",
      "--begins",
      "1",
      "--ends",
      "4",
      "--epochs",
      "6"
    };

    Result result = run("sweep", options);

    assertThat(result.err()).isEmpty();
    // 8 settings of 5 epochs: of each sparsity 4 begin, and after 1 epoch 1 goes on.
    assertThat(result.out())
        .contains("9/9", "stopped after 1 epochs", "47.8% of the", "best     run");
    List<String> table = Files.readAllLines(output.resolve("sweep.csv"));
    assertThat(table.stream().filter(line -> line.contains(",1,true,false"))).hasSize(6);
    assertThat(table.stream().filter(line -> line.contains(",5,false,"))).hasSize(2);
    assertThat(Files.readString(output.resolve("sweep.html")))
        .contains("<th>epochs</th>", "class=\"stopped\"");
    String first = Files.readString(output.resolve("sweep.csv"));

    Result resumed = run("sweep", more(options, "--resume"));
    Result other = run("sweep", more(options, "--resume", "--first-rung", "2"));

    assertThat(resumed.code()).isZero();
    assertThat(output.resolve("sweep.csv")).hasContent(first);
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("a sweep with the same settings").hasLineCount(1);
  }

  @Test
  void aSweepTakesCriterionPatternRuleAndFilterFromARecipe() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("base.yaml"),
            """
            schedule: {constant: {sparsity: 0.1}}
            criterion: taylor
            pattern: {block: {rows: 2, columns: 2}}
            rule: regrow
            parameters: {not: {layers: output}}
            """);
    String[] options = {
      "--recipe",
      recipe.toString(),
      "--final-sparsities",
      "0.5",
      "--shapes",
      "one-shot",
      "--distributions",
      "uniform",
      "--dense-epochs",
      "1",
      "--begins",
      "1",
      "--ends",
      "2",
      "--epochs",
      "3"
    };

    Result result = run("sweep", options);

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("criterion", "taylor", "regrow", "block: {rows: 2", "layers");
    PruningConfig best = PruningConfig.fromYaml(Files.readString(output.resolve("best.yaml")));
    PruningConfig base = PruningConfig.fromYaml(Files.readString(recipe));
    assertThat(best.criterion()).isEqualTo(base.criterion());
    assertThat(best.pattern()).isEqualTo(base.pattern());
    assertThat(best.rule()).isEqualTo(base.rule());
    assertThat(best.parameters()).isEqualTo(base.parameters());
    assertThat(best.distribution()).isEqualTo(SparsityDistribution.uniform());
    assertThat(Files.readString(output.resolve("sweep.csv"))).contains("\"taylor\"", "\"regrow\"");
    assertThat(Files.readString(output.resolve("sweep.html"))).contains("taylor", "regrow");
    Files.writeString(
        recipe, "schedule: {constant: {sparsity: 0.1}}\nrule: {rigl: {fraction: 0.3, until: 2}}");
    Result unfit = run("sweep", options);
    assertThat(unfit.code()).isEqualTo(2);
    assertThat(unfit.err()).contains("until 2", "pruning begins at iteration").hasLineCount(1);
  }

  private static String[] more(String[] options, String... others) {
    return Stream.of(options, others).flatMap(Stream::of).toArray(String[]::new);
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
        Arguments.of("teacher's weight", List.of("iterative", "--distill", "2")),
        Arguments.of("--begins must not be", List.of("sweep", "--begins", "1")),
        Arguments.of("--ends must be within", List.of("sweep", "--ends", "15")),
        Arguments.of("finalSparsities must be", List.of("sweep", "--final-sparsities", "1")),
        Arguments.of("--epochs must be above", List.of("sweep", "--epochs", "2")),
        Arguments.of("--random must be 1", List.of("sweep", "--random", "0")),
        Arguments.of("--halving must be 2", List.of("sweep", "--halving", "1")),
        Arguments.of("--first-rung needs", List.of("sweep", "--first-rung", "2")),
        Arguments.of(
            "--first-rung must be 1", List.of("sweep", "--halving", "3", "--first-rung", "13")),
        Arguments.of("no such file", List.of("sweep", "--recipe", "nowhere.yaml")),
        Arguments.of("must rise", List.of("sensitivity", "--sparsities", "0.9,0.5")),
        Arguments.of("--max-score-drop must", List.of("sensitivity", "--max-score-drop", "-1")),
        Arguments.of("--dense-epochs must be", List.of("sensitivity", "--dense-epochs", "0")));
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
