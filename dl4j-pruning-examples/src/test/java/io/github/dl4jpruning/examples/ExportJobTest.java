package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.examples.data.IdxFiles;
import io.github.dl4jpruning.export.c.CCompiler;
import io.github.dl4jpruning.pipeline.ExportFormat;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The job that writes models for use without DL4J. */
class ExportJobTest {

  @TempDir Path folder;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 200, 60);
  }

  private record Result(int code, String out, String err) {}

  private Result run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("export"));
    arguments.addAll(List.of("--data", folder.resolve("digits").toString()));
    arguments.addAll(List.of("--dense-epochs", "1", "--batch-size", "20", "--threads", "1"));
    arguments.addAll(List.of("--output", folder.resolve("out").toString()));
    arguments.addAll(List.of(more));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            arguments.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  @Test
  void shouldWriteAndCompare() throws IOException {
    Result result = run();

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("60 samples")
        .contains("samples of another class", "one prediction in the runtime")
        .contains("with 98% of these weights zero");
    Path file = folder.resolve("out").resolve(ExportFormat.RUNTIME.file("model"));
    assertThat(SparseModel.load(file).newSession().run(new float[784])).hasSize(10);
    JsonNode json =
        new ObjectMapper()
            .readTree(folder.resolve("out").resolve(ExportFormat.RUNTIME.report("model")).toFile());
    assertThat(json.at("/differentClasses").asLong()).isZero();
    assertThat(json.at("/largestDifference").asDouble()).isBetween(0.0, 1e-4);
    assertThat(json.at("/bytes").asLong()).isEqualTo(Files.size(file));
    assertThat(json.at("/microsAtSparsity/0.98").asDouble()).isPositive();
  }

  @Test
  void shouldWriteSeveralFormats() throws IOException {
    Result result = run("--to", "runtime,onnx");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("model.dl4jrun").contains("model.onnx");
    Path onnx = folder.resolve("out").resolve(ExportFormat.ONNX.file("model"));
    assertThat(Files.size(onnx)).isBetween(1_000_000L, 1_100_000L);
    JsonNode json =
        new ObjectMapper()
            .readTree(folder.resolve("out").resolve(ExportFormat.ONNX.report("model")).toFile());
    assertThat(json.at("/bytes").asLong()).isEqualTo(Files.size(onnx));
    assertThat(json.at("/samples").asLong()).isEqualTo(60);

    Result unknown = run("--to", "tflite");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("RUNTIME, ONNX, C").contains("tflite").hasLineCount(1);
  }

  @Test
  void shouldWriteCodeAndRunItIfItCan() throws IOException {
    Result result = run("--to", "onnx,c", "--c-weights", "eight_bit", "--c-name", "digits");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("onnx", "bytes of memory", "constant tables")
        .containsOnlyOnce("largest difference");
    Path code = folder.resolve("out").resolve("digits.c");
    assertThat(code).exists();
    assertThat(Files.readString(folder.resolve("out").resolve("digits.h"))).contains("digits_run");
    JsonNode json =
        new ObjectMapper().readTree(folder.resolve("out").resolve("digits.c.check.json").toFile());
    assertThat(json.at("/samples").asLong()).isEqualTo(60);
    boolean compiler = CCompiler.find().isPresent();
    assertThat(json.has("compiled")).isEqualTo(compiler);
    assertThat(result.out().contains("no C compiler")).isEqualTo(!compiler);

    Result wrong = run("--to", "c", "--c-name", "1st");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("1st", "starts with a letter").hasLineCount(1);
  }

  @Test
  void shouldRefuseWhatIsNoModel() throws IOException {
    Path file = Files.write(folder.resolve("none.zip"), new byte[10]);

    Result result = run("--model", file.toString());

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("none.zip").hasLineCount(1);
    assertThat(folder.resolve("out").resolve(ExportFormat.RUNTIME.file("model"))).doesNotExist();
  }
}
