package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

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

  private static JsonNode report(Path output) throws IOException {
    return new ObjectMapper().readTree(output.resolve("report.json").toFile());
  }

  /** Every command ends in a runtime file, and it is as good as the network itself. */
  private void check(Path output, Path data, double leastScore, String... more) throws IOException {
    JsonNode report = report(output);
    assertThat(report.at("/pruned/score").asDouble()).isGreaterThan(leastScore);
    assertThat(Files.readString(output.resolve("report.html")))
        .contains("<svg", "Where the bytes of the compact file go")
        .doesNotContain("http://", "https://", "<script", "src=\"/");
    String metric = report.at("/metric").asText();
    List<String> values = new ArrayList<>();
    for (String model : List.of("pruned.zip", "pruned.compact", "model.dl4jrun")) {
      List<String> args =
          new ArrayList<>(
              List.of(
                  "evaluate",
                  output.resolve(model).toString(),
                  "--data",
                  data.toString(),
                  "--metric",
                  metric));
      args.addAll(List.of(more));
      Run run = Run.of(args.toArray(String[]::new));
      assertThat(run.err()).as(model).isEmpty();
      values.add(run.out().replaceAll("(?s).*" + metric + " +", "").strip());
    }
    assertThat(values).as("zip, compact file, runtime file").containsOnly(values.get(0));
    assertThat(Double.parseDouble(values.get(0))).isGreaterThan(leastScore);
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
            "--dense-epochs",
            "60",
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
    check(output, data, 0.9, "--missing", "drop");
    ModelFile pruned = ModelFile.load(output.resolve("pruned.zip"));
    assertThat(pruned.normalizer()).isPresent();
    JsonNode report = report(output);
    int weights = 5 * 24 + 24 * 3;
    assertThat(report.at("/dense/nonZeros").asInt()).isEqualTo(weights);
    assertThat(SparsityReport.of(pruned.network()).nonZeros())
        .isLessThanOrEqualTo(Math.round(0.3 * weights))
        .isEqualTo(report.at("/pruned/nonZeros").asLong());
  }

  @Test
  void shouldPruneARegression() throws IOException {
    Path data = OwnData.houses(folder.resolve("houses.csv"), 300);
    Path output = folder.resolve("out");
    Run run =
        prune(
            OwnData.perceptron(folder.resolve("model.zip"), 2, 1),
            data,
            output,
            "--delimiter",
            ";",
            "--label",
            "price",
            "--ignore",
            "id",
            "--dense-epochs",
            "60",
            "--max-score-drop",
            "0.03",
            "--fine-tune-epochs",
            "20");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("test r2");
    check(output, data, 0.9, "--delimiter", ";", "--label", "price", "--ignore", "id");
    assertThat(report(output).at("/pruned/nonZeros").asInt()).isLessThan(50);
  }

  @Test
  void shouldPruneAConvolutionalNetworkOnFilesOfMixedSizes() throws IOException {
    Path data = OwnData.shapes(folder.resolve("shapes"), 60);
    Path output = folder.resolve("out");
    Run run =
        prune(
            OwnData.convolutional(folder.resolve("model.zip")),
            data,
            output,
            "--dense-epochs",
            "15",
            "--target-macs",
            "0.6",
            "--final-sparsity",
            "0.6",
            "--fine-tune-epochs",
            "6",
            "--rounds",
            "1",
            "--to",
            "runtime,onnx");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("120 images of 2 classes, read as 16×16 colour")
        .contains("removing units: down to 60% of the MACs");
    check(output, data, 0.9);
    assertThat(output.resolve("model.onnx")).isNotEmptyFile();
    assertThat(report(output).at("/pruned/parameters").asLong())
        .isLessThan(report(output).at("/dense/parameters").asLong());
    assertThat(Files.readString(output.resolve("report.html")))
        .contains("kernels of 3×3")
        .contains("MACs left");
  }

  @Test
  void shouldPruneAnLstmOnSequencesOfDifferentLengths() throws IOException {
    Path data = OwnData.trends(folder.resolve("trends"), 60);
    for (boolean perStep : List.of(false, true)) {
      Path output = folder.resolve("out" + perStep);
      Run run =
          prune(
              OwnData.recurrent(folder.resolve("model.zip"), perStep),
              data,
              output,
              "--dense-epochs",
              "15",
              "--final-sparsity",
              "0.6",
              "--fine-tune-epochs",
              "8",
              "--rounds",
              "1");
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).contains("120 sequences of 5 to 14 steps, 2 inputs in each");
      check(output, data, 0.9);
    }
  }
}
