package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.export.c.CCompiler;
import io.github.dl4jpruning.pipeline.ExportFormat;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The command that writes models for use without DL4J. */
class ExportCommandTest {

  @TempDir Path folder;
  private Path model;
  private Path data;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);
    data = OwnData.flowers(folder.resolve("flowers.csv"), 100);
    output = folder.resolve("out");
  }

  private Run export(Path file, String... more) {
    List<String> args = new ArrayList<>(List.of("export", file.toString()));
    args.addAll(List.of("--output", output.toString(), "--threads", "1"));
    args.addAll(List.of(more));
    return Run.of(args.toArray(String[]::new));
  }

  private JsonNode report(String name) throws IOException {
    return new ObjectMapper().readTree(output.resolve(name).toFile());
  }

  @Test
  void shouldWriteAndCompare() throws IOException {
    Run run = export(model, "--data", data.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("15 samples", "samples of another class", "one prediction in the runtime")
        .contains("with 98% of these weights zero");
    Path file = output.resolve(ExportFormat.RUNTIME.file("model"));
    float[] raw = {120, 11, 1, 0, 1};
    float[] plain = SparseModel.load(file).newSession().run(raw);
    assertThat(plain).hasSize(3);
    JsonNode json = report(ExportFormat.RUNTIME.report("model"));
    assertThat(json.at("/differentClasses").asLong()).isZero();
    assertThat(json.at("/largestDifference").asDouble()).isBetween(0.0, 1e-4);
    assertThat(json.at("/bytes").asLong()).isEqualTo(Files.size(file));
    assertThat(json.at("/microsAtSparsity/0.98").asDouble()).isPositive();

    assertThat(export(model, "--data", data.toString(), "--normalize=standardize").err()).isEmpty();
    assertThat(SparseModel.load(file).newSession().run(raw))
        .as("with the normaliser that was asked for")
        .isNotEqualTo(plain);
  }

  @Test
  void shouldNeedNoData() throws IOException {
    assertThat(export(model, "--to", "onnx", "--half").err()).isEmpty();
    assertThat(Files.size(output.resolve("model.onnx"))).isPositive();

    Path cnn = OwnData.convolutional(folder.resolve("cnn.zip"));
    Run run = export(cnn, "--input", "16x16x3", "--to", "onnx");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("saved in " + output.resolve("model.onnx"));
  }

  @Test
  void shouldWriteCodeAndRunItIfItCan() throws IOException {
    Run run =
        export(
            model,
            "--data",
            data.toString(),
            "--to=onnx,c",
            "--c-weights=eight_bit",
            "--c-name=kinds");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("onnx", "bytes of memory", "constant tables")
        .containsOnlyOnce("largest difference");
    assertThat(output.resolve("kinds.c")).exists();
    assertThat(Files.readString(output.resolve("kinds.h"))).contains("kinds_run");
    JsonNode json = report("kinds.c.check.json");
    assertThat(json.at("/samples").asLong()).isEqualTo(15);
    boolean compiler = CCompiler.find().isPresent();
    assertThat(json.has("compiled")).isEqualTo(compiler);
    assertThat(run.out().contains("no C compiler")).isEqualTo(!compiler);
  }

  @Test
  void shouldRefuseBadInput() {
    Run name = export(model, "--to", "c", "--c-name", "1st");
    assertThat(name.code()).isEqualTo(2);
    assertThat(name.err()).contains("1st", "starts with a letter").hasLineCount(1);
    Run plain = export(model, "--normalize", "standardize");
    assertThat(plain.err()).contains("--normalize needs --data").hasLineCount(1);
    Run format = export(model, "--to", "tflite");
    assertThat(format.code()).isEqualTo(2);
    assertThat(format.err()).contains("tflite").hasLineCount(1);
    assertThat(output).doesNotExist();
  }
}
