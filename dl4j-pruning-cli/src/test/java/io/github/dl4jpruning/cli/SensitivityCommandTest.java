package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.schedule.CountFrom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that prunes each layer alone. */
class SensitivityCommandTest {

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

  private Run sensitivity(String... more) {
    List<String> args = new ArrayList<>(List.of("sensitivity", model.toString()));
    args.addAll(List.of("--data", data.toString(), "--output", output.toString()));
    args.addAll(List.of("--threads", "1"));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void shouldScanAndProposeARecipeThatPruneTakes() throws IOException {
    Run run =
        sensitivity(
            "--dense-epochs=30", "--sparsities=0.2,0.6", "--max-score-drop=0.1", "--in-runtime");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("epoch 30/30", "   4/4 ", "in the runtime", "proposed sparsity")
        .contains("validation accuracy with one layer pruned");
    assertThat(Files.readAllLines(output.resolve("sensitivity.csv"))).hasSizeGreaterThan(4);
    assertThat(ImageIO.read(output.resolve("sensitivity.png").toFile()).getWidth()).isPositive();
    Path recipe = output.resolve("proposal.yaml");
    assertThat(RecipeFile.read(recipe).timing().countFrom()).isEqualTo(CountFrom.ATTACHMENT);

    List<String> prune = new ArrayList<>(List.of("prune", model.toString(), "--no-scan"));
    prune.addAll(List.of("--data", data.toString(), "--dense-epochs", "30"));
    prune.addAll(List.of("--recipe", recipe.toString(), "--threads", "1"));
    prune.addAll(List.of("--output", folder.resolve("pruned").toString()));
    Run pruned = Run.of(prune.toArray(String[]::new));
    assertThat(pruned.err()).isEmpty();
    assertThat(pruned.out()).contains("report.html");
  }

  /** The mnist job writes its model under this name. */
  @Test
  void shouldKeepAModelInTheFolderOfItsResults() throws IOException {
    Path folderOfModel = Files.createDirectories(output);
    model = Files.copy(model, folderOfModel.resolve("dense.zip"));

    assertThat(sensitivity("--sparsities=0.5").err()).isEmpty();

    assertThat(model).exists();
  }

  @Test
  void shouldScoreNumbersByTheirMetric() throws IOException {
    model = OwnData.perceptron(folder.resolve("houses.zip"), 2, 1);
    data = OwnData.houses(folder.resolve("houses.csv"), 60);

    Run run =
        sensitivity(
            "--delimiter=;", "--label=price", "--ignore=id", "--metric=mae", "--sparsities=0.5");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("validation mae with one layer pruned").doesNotContain("%%");
  }

  @Test
  void shouldRefuseBadInput() {
    Run drop = sensitivity("--max-score-drop", "-1");
    assertThat(drop.err()).contains("--max-score-drop must be 0 or more").hasLineCount(1);
    Run order = sensitivity("--sparsities", "0.5,0.2");
    assertThat(order.err()).contains("0.5, 0.2").hasLineCount(1);
    assertThat(order.code()).isEqualTo(2);
    Run tuned = sensitivity("--learning-rate", "0.1");
    assertThat(tuned.err()).contains("need --dense-epochs above 0").hasLineCount(1);
    assertThat(output).doesNotExist();
  }
}
