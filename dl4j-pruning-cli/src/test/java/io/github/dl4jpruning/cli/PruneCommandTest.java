package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;

class PruneCommandTest {

  @TempDir Path folder;

  private Run prune(Path model, Path data, Path output, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "prune",
                model.toString(),
                "--data",
                data.toString(),
                "--output",
                output.toString()));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void shouldPruneAClassifierOfATable() throws IOException {
    Path data = OwnData.flowers(folder.resolve("flowers.csv"), 240);
    Files.writeString(data, Files.readString(data) + "?,10,red,0,rose\n");
    Path output = folder.resolve("out");
    Path model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);

    Run refused = prune(model, data, output);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("line 242", "column length", "'?'");

    Run run =
        prune(
            model,
            data,
            output,
            "--missing",
            "drop",
            "--distribution",
            "erdos-renyi-kernel",
            "--header",
            "true",
            "--dense-epochs",
            "40",
            "--final-sparsity",
            "0.7",
            "--fine-tune-epochs",
            "20");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("240 rows of 4 columns, 5 inputs: 168 for training, 36 for validation, 36 for")
        .contains("normalised by: standardize")
        .contains("scan of the layers")
        .contains("test accuracy");
    Outcome.check(output, data, 0.9, "--missing", "drop");
    assertThat(Files.readString(output.resolve("report.html"))).contains("<svg", "data:image/png");
    ModelFile pruned = ModelFile.load(output.resolve("pruned.zip"));
    assertThat(pruned.normalizer()).isPresent();
    JsonNode report = Outcome.report(output);
    int weights = 5 * 24 + 24 * 3;
    assertThat(report.at("/dense/nonZeros").asInt()).isEqualTo(weights);
    assertThat(SparsityReport.of(pruned.network()).nonZeros())
        .isLessThanOrEqualTo(Math.round(0.3 * weights))
        .isEqualTo(report.at("/pruned/nonZeros").asLong());
  }

  @Test
  void shouldPruneAnLstmWithAnOutputForEachStep() throws IOException {
    Path data = OwnData.trends(folder.resolve("trends"), 60);
    Path output = folder.resolve("out");
    Run run =
        prune(
            OwnData.recurrent(folder.resolve("model.zip"), true),
            data,
            output,
            "--dense-epochs",
            "10",
            "--final-sparsity",
            "0.6",
            "--fine-tune-epochs",
            "6",
            "--rounds",
            "1");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("120 sequences of 5 to 14 steps, 2 inputs in each");
    Outcome.check(output, data, 0.9);
  }

  @Test
  void shouldPruneAKerasModelOfIris() throws IOException {
    Path model =
        Path.of("..", "..", "shared", "data", "keras")
            .resolve("simple_sparse_xent_mlp_keras_2_model.h5");
    assumeTrue(Files.exists(model), "skipped: no Keras file at " + model);
    Path data = folder.resolve("iris.csv");
    try (InputStream iris =
        Objects.requireNonNull(PruneCommandTest.class.getResourceAsStream("iris.csv"))) {
      Files.copy(iris, data);
    }
    Path output = folder.resolve("out");
    Run run =
        prune(
            model,
            data,
            output,
            "--learning-rate",
            "0.02",
            "--dense-epochs",
            "60",
            "--final-sparsity",
            "0.3",
            "--rounds",
            "1",
            "--fine-tune-epochs",
            "20");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("150 rows of 4 columns, 4 inputs");
    Outcome.check(output, data, 0.8);
  }

  @Test
  void shouldPruneWithoutTraining() throws IOException {
    Path data = OwnData.flowers(folder.resolve("flowers.csv"), 300);
    Path model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);
    Path trained = folder.resolve("trained");
    Run dense =
        Run.of(
            "prune",
            model.toString(),
            "--data=" + data,
            "--dense-epochs=60",
            "--final-sparsity=0",
            "--no-scan",
            "--output=" + trained);
    assertThat(dense.err()).isEmpty();
    Path output = folder.resolve("out");

    Run run =
        Run.of(
            "prune",
            trained.resolve("dense.zip").toString(),
            "--data=" + data,
            "--no-training",
            "--calibration=100",
            "--final-sparsity=0.6",
            "--output=" + output);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("2/2  layer1", "errors of each layer's output");
    SparsityReport report =
        SparsityReport.of(ModelFile.load(output.resolve("pruned.zip")).network());
    assertThat(report.nonZeros()).as("of 192 weights").isLessThanOrEqualTo(192 - 115);
    assertThat(run.out()).containsPattern("sparsity 59\\.[89]");
    assertThat(Files.readString(output.resolve("report.html")))
        .contains("pruned without training, from 100 training samples");
    Outcome.check(output, data, 0.85);

    Run excluded =
        Run.of("prune", model.toString(), "--data=" + data, "--no-training", "--rounds=2");
    assertThat(excluded.err()).contains("--no-training excludes --rounds").hasLineCount(1);
    Run alone = Run.of("prune", model.toString(), "--data=" + data, "--calibration=9");
    assertThat(alone.err()).contains("--calibration must be 1 or more, with --no-training");
  }
}
