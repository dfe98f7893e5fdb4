package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that compares rankings without training. */
class OneShotCommandTest {

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

  private Run oneShot(String... more) {
    List<String> args = new ArrayList<>(List.of("one-shot", model.toString()));
    args.addAll(List.of("--data", data.toString(), "--output", output.toString()));
    args.addAll(List.of("--threads", "1"));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void shouldCompareRankingsAndKeepTheModel() throws IOException {
    MultiLayerNetwork before = (MultiLayerNetwork) ModelFile.load(model).network();

    Run run = oneShot("--sparsities=0.2,0.6", "--calibration=40");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains(
            "validation accuracy", "20.00%", "60.00%", "magnitude", "activation", "reconstruction");
    List<String> rows = Files.readAllLines(output.resolve("one-shot.csv"));
    assertThat(rows).hasSize(8).contains("ranking,sparsity,score");
    assertThat(rows.get(7)).startsWith("reconstruction,0.6,");
    assertThat(ImageIO.read(output.resolve("one-shot.png").toFile()).getWidth()).isPositive();
    MultiLayerNetwork after = (MultiLayerNetwork) ModelFile.load(model).network();
    assertThat(after.params()).isEqualTo(before.params());
  }

  /** The score at a sparsity is that of the model which prune makes. */
  @Test
  void shouldGiveTheScoreThatPruneReaches() throws IOException {
    Run run = oneShot("--sparsities=0.5", "--on-test");
    assertThat(run.out()).contains("test accuracy");
    String last = Files.readAllLines(output.resolve("one-shot.csv")).get(4);
    double score = Double.parseDouble(last.substring(last.lastIndexOf(',') + 1));

    List<String> prune = new ArrayList<>(List.of("prune", model.toString(), "--no-training"));
    prune.addAll(List.of("--data", data.toString(), "--final-sparsity", "0.5", "--threads", "1"));
    prune.addAll(List.of("--no-scan", "--output", folder.resolve("pruned").toString()));
    Run pruned = Run.of(prune.toArray(String[]::new));

    assertThat(pruned.err()).isEmpty();
    String row =
        pruned.out().lines().filter(l -> l.startsWith("test accuracy")).findFirst().orElseThrow();
    assertThat(row).contains(String.format(Locale.ROOT, "%.2f%%", 100 * score));
  }

  @Test
  void shouldRefuseBadInput() {
    assertThat(oneShot("--calibration=0").err()).contains("must be 1 or more").hasLineCount(1);
    Run order = oneShot("--sparsities", "0.5,0.2");
    assertThat(order.err()).contains("0.5, 0.2").hasLineCount(1);
    assertThat(order.code()).isEqualTo(2);
    assertThat(output).doesNotExist();
  }
}
