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
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job {@code spark} with its workers in this process. */
class SparkJobTest {

  @TempDir Path folder;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 240, 50);
  }

  /** What the job printed and how it ended. */
  private record Result(int code, String out, String err) {}

  private Result run(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args =
        new ArrayList<>(
            List.of(
                "spark",
                "--data",
                folder.resolve("digits").toString(),
                "--output",
                folder.resolve("out").toString()));
    args.addAll(List.of(options));
    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  @Test
  void shouldTrainPruneAndGoOn() throws IOException {
    String[] options = {
      "--batch-size", "20",
      "--averaging-frequency", "2",
      "--epochs", "2",
      "--fine-tune-epochs", "1",
      "--update-every", "2",
      "--final-sparsity", "0.8",
      "--checkpoints", folder.resolve("checkpoints").toString()
    };

    Result first = run(options);

    assertThat(first.err()).isEmpty();
    assertThat(first.code()).isZero();
    assertThat(first.out())
        .contains("2 workers on local[2]")
        .contains("epoch 3/3")
        .contains("validation ")
        .contains("test accuracy  ");
    assertThat(first.out()).doesNotContain("loss 0.0000");
    Path model = folder.resolve("out/pruned.zip");
    MultiLayerNetwork trained = MultiLayerNetwork.load(model.toFile(), false);
    SparsityReport report = SparsityReport.of(trained);
    assertThat(report.sparsity()).isEqualTo(0.8);
    try (var files = Files.list(folder.resolve("checkpoints"))) {
      assertThat(files).anyMatch(file -> file.toString().contains("epoch-3"));
    }

    // As if it had been killed in its last round.
    try (var files = Files.list(folder.resolve("checkpoints"))) {
      for (Path file : files.filter(f -> f.toString().contains("epoch-3")).toList()) {
        Files.delete(file);
      }
    }
    Result again = run(options);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).contains("epoch 3/3").doesNotContain("epoch 1/3", "epoch 2/3");
    assertThat(again.out()).contains("100% [");
    assertThat(MultiLayerNetwork.load(model.toFile(), false).params().distance2(trained.params()))
        .isLessThan(1e-6);

    // All rounds are done: the same network again, without a step.
    Result done = run(options);

    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).doesNotContain("epoch 3/3").contains("100% [");
  }

  @ParameterizedTest
  @CsvSource({
    "--workers,0,--workers must be 1 or more",
    "--averaging-frequency,0,--averaging-frequency must be 1 or more",
    "--batch-size,100000,--batch-size must be at most the number of training images",
    "--final-sparsity,1,'--final-sparsity must be in [0, 1)'"
  })
  void shouldRefuseBadOptions(String option, String value, String message) {
    Result result = run(option, value);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).startsWith("error: " + message).hasLineCount(1);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void shouldRefuseWhatSparkCannotDo() throws IOException {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        schedule:
          constant: {sparsity: 0.5}
        criterion: fisher
        """);

    Result result = run("--batch-size", "20", "--recipe", recipe.toString());

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .contains("which only the workers see; choose another one")
        .hasLineCount(1);
  }
}
