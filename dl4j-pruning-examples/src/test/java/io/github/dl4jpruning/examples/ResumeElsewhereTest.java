package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.examples.data.IdxFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run goes on wherever its files and its data lie, and however that is spelled. */
class ResumeElsewhereTest {

  @TempDir Path folder;
  private Path digits;

  @BeforeEach
  void writeDigits() throws IOException {
    digits = folder.resolve("digits");
    IdxFiles.write(digits, 240, 50);
  }

  private record Result(int code, String out, String err) {}

  private static List<String> command(String job) {
    List<String> command = new ArrayList<>(List.of(job, "--batch-size", "40", "--threads", "1"));
    command.addAll(
        switch (job) {
          case "mnist" -> List.of("--epochs", "1", "--fine-tune-epochs", "1");
          default -> List.of("--targets", "0.5", "--dense-epochs", "1", "--fine-tune-epochs", "1");
        });
    return command;
  }

  private static Result run(List<String> command, String data, String output, String... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--data", data, "--output", output));
    all.addAll(List.of(more));
    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private static void goesOn(Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).doesNotContainPattern("epoch 1/[12]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mnist", "iterative"})
  void shouldGoOnHoweverThePathsAreSpelled(String job) throws IOException {
    List<String> command = command(job);
    Path output = folder.resolve("out");
    Result first = run(command, digits.toString(), output.toString());
    assertThat(first.code()).as(first.err()).isZero();

    Files.createDirectory(folder.resolve("other"));
    goesOn(run(command, folder + "/./digits/", folder + "/other/../out/", "--resume"));

    Path here = Path.of("").toAbsolutePath();
    goesOn(
        run(
            command,
            here.relativize(digits).toString(),
            here.relativize(output).toString(),
            "--resume"));

    Path link = Files.createSymbolicLink(folder.resolve("link"), digits);
    Path linked = Files.createSymbolicLink(folder.resolve("linked"), output);
    goesOn(run(command, link.toString(), linked.toString(), "--resume"));

    // Moved, both of them.
    Path moved = Files.move(output, folder.resolve("moved"));
    Path away = Files.move(digits, folder.resolve("away"));
    goesOn(run(command, away.toString(), moved.toString(), "--resume"));

    // Other digits at the same place are another run.
    IdxFiles.write(away, 252, 50);
    Result other = run(command, away.toString(), moved.toString(), "--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("images");
    assertThat(other.err().lines()).hasSize(1);
  }
}
