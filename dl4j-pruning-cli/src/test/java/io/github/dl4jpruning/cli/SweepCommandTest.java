package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The command that tries settings. */
class SweepCommandTest {

  @TempDir Path folder;
  private Path model;
  private Path data;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);
    data = OwnData.flowers(folder.resolve("flowers.csv"), 150);
    output = folder.resolve("out");
  }

  private Run sweep(String... more) {
    List<String> args = new ArrayList<>(List.of("sweep", model.toString()));
    args.addAll(List.of("--data", data.toString(), "--output", output.toString()));
    args.addAll(List.of("--dense-epochs", "20", "--epochs", "6", "--threads", "1"));
    args.addAll(List.of("--final-sparsities", "0.5,0.8", "--shapes", "polynomial,one-shot"));
    args.addAll(List.of("--distributions", "global", "--update-every", "1"));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void shouldShowTheFrontAndARecipeThatGivesTheBestAgain() throws IOException {
    Run run = sweep("--jobs", "2", "--max-score-drop", "1");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("4 settings, and one run without pruning", "5/5", "front", "best     run");
    List<String> rows = Files.readAllLines(output.resolve("sweep.csv"));
    assertThat(rows).hasSize(5);
    assertThat(ImageIO.read(output.resolve("pareto.png").toFile()).getWidth()).isPositive();
    assertThat(Files.readString(output.resolve("sweep.html")))
        .contains("data:image/png;base64,", "</html>")
        .doesNotContain("http:", "https:");

    // The model is trained before, so the recipe counts from the beginning of pruning.
    Path recipe = output.resolve("best.yaml");
    assertThat(Files.readString(recipe)).contains("countFrom: \"attachment\"");
    String best =
        run.out()
            .lines()
            .filter(line -> line.contains("0.8") && line.contains("validation"))
            .map(line -> line.replaceAll(".*(validation [0-9.]+%).*", "$1"))
            .toList()
            .toString();
    List<String> prune = new ArrayList<>(List.of("prune", model.toString(), "--no-scan"));
    prune.addAll(List.of("--data", data.toString(), "--dense-epochs", "20", "--threads", "1"));
    prune.addAll(List.of("--recipe", recipe.toString(), "--fine-tune-epochs", "6"));
    prune.addAll(List.of("--output", folder.resolve("pruned").toString()));
    Run pruned = Run.of(prune.toArray(String[]::new));
    assertThat(pruned.err()).isEmpty();
    String last =
        pruned.out().lines().filter(line -> line.contains("epoch 6/6")).findFirst().orElseThrow();
    assertThat(best).contains(last.replaceAll(".*(validation [0-9.]+%).*", "$1"));
  }

  @Test
  void shouldGoOnAndKeepTheModel() throws IOException {
    byte[] before = Files.readAllBytes(model);
    assertThat(sweep("--random", "2").err()).isEmpty();
    String first = Files.readString(output.resolve("sweep.csv"));

    Run again = sweep("--random", "2", "--resume");

    assertThat(again.err()).isEmpty();
    assertThat(output.resolve("sweep.csv")).hasContent(first);
    assertThat(Files.readAllBytes(model)).isEqualTo(before);
    Run more = sweep("--random", "3", "--resume");
    assertThat(more.code()).isEqualTo(2);
    assertThat(more.err()).contains("a sweep with the same settings").hasLineCount(1);
    Run other = sweep("--random", "2", "--resume", "--seed", "3");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("seed 3").hasLineCount(1);
  }

  @Test
  void shouldStopBadSettingsEarlyAndTakeOtherModels() throws IOException {
    model = OwnData.recurrent(folder.resolve("lstm.zip"), false);
    data = OwnData.trends(folder.resolve("trends"), 15);

    Run run = sweep("--halving", "2", "--learning-rates", "0.01,0.001");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("stopped after").contains("--learning-rate");
    assertThat(ModelFile.load(model).network().numParams()).isPositive();
  }

  @Test
  void shouldTakeCriterionPatternRuleAndFilterFromARecipe() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("base.yaml"),
            """
            schedule: {constant: {sparsity: 0.1}}
            criterion: taylor
            pattern: {block: {rows: 1, columns: 2}}
            rule: regrow
            parameters: {not: {layers: layer1}}
            """);

    Run run = sweep("--recipe", recipe.toString(), "--random", "1");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("criterion", "taylor", "regrow", "block: {rows: 1", "layers");
    PruningConfig best = RecipeFile.read(output.resolve("best.yaml"));
    PruningConfig base = RecipeFile.read(recipe);
    assertThat(best.criterion()).isEqualTo(base.criterion());
    assertThat(best.pattern()).isEqualTo(base.pattern());
    assertThat(best.rule()).isEqualTo(base.rule());
    assertThat(best.parameters()).isEqualTo(base.parameters());
    assertThat(best.distribution()).isEqualTo(SparsityDistribution.global());
    assertThat(Files.readString(output.resolve("sweep.csv"))).contains("\"taylor\"", "\"regrow\"");

    Files.writeString(
        recipe, "schedule: {constant: {sparsity: 0.1}}\nrule: {rigl: {fraction: 0.3, until: 2}}");
    Run unfit = sweep("--recipe", recipe.toString(), "--begins", "2");
    assertThat(unfit.code()).isEqualTo(2);
    assertThat(unfit.err()).contains("until 2", "pruning begins at iteration").hasLineCount(1);
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        Arguments.of("--epochs must be 1 or more", List.of("--epochs=0")),
        Arguments.of("--jobs must be 1 or more", List.of("--jobs=0")),
        Arguments.of("--random must be 1 or more", List.of("--random=0")),
        Arguments.of("--first-rung needs --halving", List.of("--first-rung=1")),
        Arguments.of(
            "--first-rung must be 1 or more and below --epochs",
            List.of("--halving=2", "--first-rung=6")),
        Arguments.of("--halving must be 2 or more", List.of("--halving=1")),
        Arguments.of("--ends must be within the", List.of("--ends=7")),
        Arguments.of("--begins", List.of("--begins=soon")),
        Arguments.of("--learning-rates must be finite", List.of("--learning-rates=0")),
        Arguments.of("finalSparsities", List.of("--final-sparsities=1.5")),
        Arguments.of("no such file", List.of("--recipe=none.yaml")));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void shouldRefuseBadInputInOneLine(String message, List<String> options) {
    List<String> args = new ArrayList<>(List.of("sweep", model.toString()));
    args.addAll(List.of("--data", data.toString(), "--output", output.toString()));
    args.addAll(options);
    if (options.stream().noneMatch(option -> option.startsWith("--epochs"))) {
      args.add("--epochs=6");
    }

    Run run = Run.of(args.toArray(String[]::new));

    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(output.resolve("sweep.csv")).doesNotExist();
  }
}
