package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.examples.data.IdxFiles;
import io.github.dl4jpruning.examples.data.ImageFormat;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Recipes in files: those that ship, {@code mnist --recipe}, {@code compare}. */
class RecipeJobsTest {

  @TempDir Path folder;
  private Path digits;
  private Path output;

  @BeforeEach
  void writeDigits() throws IOException {
    digits = folder.resolve("digits");
    IdxFiles.write(digits, 240, 50);
    output = folder.resolve("out");
  }

  private record Result(int code, String out, String err) {}

  private static Result run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Stream.of(args).map(Object::toString).toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private Path recipe(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  static List<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("recipes"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void everyShippedRecipeIsReadCommentedAndPrunes(Path file) throws IOException {
    assertThat(Files.readString(file)).startsWith("# ");
    PruningConfig config = RecipeFile.read(file);
    RecipeFile.checkReached(file, config, 15 * 125, 125);
    assertThat(PruningConfig.fromYaml(config.toYaml())).isEqualTo(config);

    MultiLayerNetwork network =
        MnistNetwork.LENET_300_100.build(ImageFormat.MNIST, 1, new Adam(0.001), 0.0);
    PruningListener pruning = PruningListener.of(config);
    pruning.attachTo(network);
    INDArray images = Nd4j.rand(4, 784);
    INDArray labels = Nd4j.eye(10).getRows(0, 1, 2, 3);
    boolean fromTheStart = config.timing().sparsityAt(0, 0) > 0;
    if (!fromTheStart) {
      network.setIterationCount(1249);
      network.setEpochCount(9);
    }
    network.fit(images, labels);
    if (!fromTheStart && pruning.sparsity() == 0.0) {
      network.setIterationCount(1250);
      network.setEpochCount(10);
      network.fit(images, labels);
    }

    boolean ends = config.timing().schedule() instanceof SparsitySchedule s && s.falls();
    if (!ends) {
      assertThat(pruning.sparsity()).isGreaterThan(0.3);
    }
  }

  @Test
  void thereAreTwentyOfThem() throws IOException {
    assertThat(shipped()).hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void mnistTakesARecipe() throws Exception {
    Path recipe =
        recipe(
            "own.yaml",
            """
            schedule:
              linear: {to: 0.8, begin: 1, end: 6}
            updateEvery: 2
            distribution: uniform
            parameters: {not: {layers: output}}
            """);

    Result result =
        run(
            "mnist",
            "--data",
            digits,
            "--output",
            output,
            "--recipe",
            recipe,
            "--epochs",
            2,
            "--fine-tune-epochs",
            1,
            "--batch-size",
            55);

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    MultiLayerNetwork pruned =
        ModelSerializer.restoreMultiLayerNetwork(output.resolve("pruned.zip").toFile());
    assertThat(SparsityReport.of(pruned).tensors().get(0).sparsity()).isBetween(0.799, 0.801);
    assertThat(SparsityReport.of(pruned).tensors().get(2).sparsity()).isLessThan(0.01);
    String written =
        new ObjectMapper()
            .readTree(output.resolve("report.json").toFile())
            .get("pruning")
            .toString();
    assertThat(PruningConfig.fromJson(written)).isEqualTo(RecipeFile.read(recipe));
  }

  @Test
  void aBadRecipeIsOneLineAndExitCodeTwo() throws IOException {
    Path good = recipe("good.yaml", "schedule: {constant: {sparsity: 0.5}}");
    refused(
        "does not exist", "no such file", "mnist", "--recipe", folder.resolve("does not exist"));
    refused(
        "speed.yaml",
        "found the key 'speed'",
        "mnist",
        "--recipe",
        recipe("speed.yaml", "schedule: {constant: {sparsity: 0.5}}\nspeed: 3"));
    refused(
        "path",
        "schedule.linear.to: expected a number, but found \"all\"",
        "mnist",
        "--recipe",
        recipe("path.yaml", "schedule: {linear: {to: all, begin: 1, end: 2}}"));
    refused(
        "late.yaml",
        "within the 15 iterations (15 epochs)",
        "mnist",
        "--batch-size",
        1000,
        "--recipe",
        recipe("late.yaml", "schedule: {linear: {to: 0.9, begin: 1, end: 5000}}"));
    refused("not YAML", "expected YAML", "mnist", "--recipe", recipe("bad.yaml", "a: [1, "));
    Path bytes = Files.write(folder.resolve("bytes.yaml"), new byte[] {(byte) 0xC3, 0x28});
    refused("bytes", "UTF-8", "mnist", "--recipe", bytes);
    Path large = Files.writeString(folder.resolve("large.yaml"), "#".repeat(2_000_000));
    refused("large", "at most 1048576 bytes", "mnist", "--recipe", large);
    for (String option :
        List.of(
            "--final-sparsity=0.5",
            "--update-every=3",
            "--schedule=linear",
            "--begin=1",
            "--distribution=lamp")) {
      refused(option, "must not be given with --recipe", "mnist", "--recipe", good, option);
    }
    refused(
        "falls",
        "regrow",
        "mnist",
        "--recipe",
        recipe("falls.yaml", "schedule: {linear: {from: 0.5, to: 0, begin: 1, end: 2}}"));
  }

  private void refused(String what, String message, Object... args) {
    Object[] all =
        Stream.concat(Stream.of(args), Stream.of("--data", digits, "--output", output)).toArray();
    Result result = run(all);
    assertThat(result.code()).as(what).isEqualTo(2);
    assertThat(result.err()).as(what).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(result.out()).as(what).isEmpty();
    assertThat(output).doesNotExist();
  }

  // ------------------------------------------------------------------------------ compare

  @Test
  void compareShowsMeanAndSpread() throws IOException {
    Path recipes = Files.createDirectory(folder.resolve("recipes"));
    Files.writeString(
        recipes.resolve("plain.yaml"),
        "schedule: {linear: {to: 0.5, begin: 1, end: 3}}\nupdateEvery: 1");
    Files.writeString(
        recipes.resolve("snip.yml"), "schedule: {constant: {sparsity: 0.5}}\ncriterion: snip");

    Result result =
        run(
            "compare",
            recipes,
            "--data",
            digits,
            "--output",
            output,
            "--epochs",
            1,
            "--fine-tune-epochs",
            1,
            "--batch-size",
            55,
            "--seeds",
            2,
            "--jobs",
            2,
            "--final-sparsity",
            "0.8,0.6");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("2 recipes, 2 sparsities, 2 seeds: 10 runs", "10/10", "80.00%", "60.00%", "±")
        .containsPattern("plain +[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+")
        .containsPattern("sparsity 80\\.0[0-9]%");
    List<String> lines =
        Files.readAllLines(output.resolve("comparison.csv"), StandardCharsets.UTF_8);
    assertThat(lines).hasSize(11);
    assertThat(lines.get(0)).startsWith("recipe,finalSparsity,seed");
    assertThat(lines.stream().filter(line -> line.startsWith("snip,0.8,"))).hasSize(2);
    assertThat(ImageIO.read(output.resolve("comparison.png").toFile()).getWidth()).isEqualTo(960);
  }

  @Test
  void compareRefusesBadInput() throws IOException {
    Path good = recipe("good.yaml", "schedule: {constant: {sparsity: 0.5}}");
    refused("none", "Missing required parameter: 'RECIPE'", "compare");
    refused(
        "sparsity",
        "--final-sparsity must be in [0, 1), but is 1.0",
        "compare",
        good,
        "--final-sparsity",
        "0.5,1");
    refused("seeds", "--seeds must be 1 or more", "compare", good, "--seeds", 0);
    refused("jobs", "--jobs must be 1 or more", "compare", good, "--jobs", 0);
    refused("twice", "must have a unique name", "compare", good, good);
    refused(
        "empty",
        "must be a folder with recipes",
        "compare",
        Files.createDirectory(folder.resolve("empty")));
    refused("epochs", "--epochs must be 1 or more", "compare", good, "--epochs", 0);
  }
}
