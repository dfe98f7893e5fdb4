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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that is killed and started again with the same command. */
class ResumeTest {

  /** How often a process is killed; with {@code -Pfull-matrix} more often. */
  private static final int KILLS = Boolean.getBoolean("pruning.fullMatrix") ? 5 : 2;

  @TempDir Path folder;

  @BeforeEach
  void writeDigits() throws IOException {
    IdxFiles.write(folder.resolve("digits"), 600, 50);
  }

  private List<String> command(String output, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("mnist", "--data", folder.resolve("digits").toString()));
    arguments.addAll(List.of("--epochs", "3", "--fine-tune-epochs", "2", "--batch-size", "20"));
    arguments.addAll(List.of("--update-every", "7"));
    arguments.addAll(List.of("--output", folder.resolve(output).toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private record Result(int code, String out, String err) {}

  private static Result run(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            arguments.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log.txt").toFile()))
        .start();
  }

  private String[] saved() {
    return new String[] {"--checkpoint", folder.resolve("saved").toString(), "--resume"};
  }

  private MultiLayerNetwork model(String output, String name) throws IOException {
    return ModelSerializer.restoreMultiLayerNetwork(folder.resolve(output).resolve(name).toFile());
  }

  @Test
  void aJobThatWasKilledEndsWithTheSameModels() throws Exception {
    Result undisturbed = run(command("one"));
    assertThat(undisturbed.code()).as(undisturbed.err()).isZero();

    Random random = new Random(3);
    Path done = folder.resolve("two").resolve("report.json");
    int kills = 0;
    while (!Files.exists(done)) {
      Process process = start(command("two", saved()));
      // Killed before the first epoch, in the middle of one, or while it saves; then left in peace.
      if (kills < KILLS && !process.waitFor(1_500 + random.nextInt(2_000), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        kills++;
      } else {
        assertThat(process.waitFor()).as(Files.readString(folder.resolve("log.txt"))).isZero();
      }
    }
    assertThat(kills).isPositive();

    for (String name : List.of("dense.zip", "pruned.zip")) {
      assertThat(model("two", name).params()).isEqualTo(model("one", name).params());
    }
    assertThat(Files.readString(done).replace(folder.resolve("two").toString(), "output"))
        .isEqualTo(
            Files.readString(folder.resolve("one").resolve("report.json"))
                .replace(folder.resolve("one").toString(), "output"));
  }

  @Test
  void anIterativeJobThatWasKilledEndsWithTheSameModels() throws Exception {
    Result undisturbed = run(rounds("one"));
    assertThat(undisturbed.code()).as(undisturbed.err()).isZero();

    Random random = new Random(4);
    Path done = folder.resolve("two").resolve("report.json");
    int kills = 0;
    while (!Files.exists(done)) {
      List<String> command = rounds("two");
      command.add("--resume");
      Process process = start(command);
      if (kills < KILLS && !process.waitFor(1_500 + random.nextInt(1_000), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        kills++;
      } else {
        assertThat(process.waitFor()).as(Files.readString(folder.resolve("log.txt"))).isZero();
      }
    }
    assertThat(kills).isPositive();

    for (String name : List.of("dense.zip", "pruned.zip")) {
      assertThat(model("two", name).params()).isEqualTo(model("one", name).params());
    }
    assertThat(done).hasSameTextualContentAs(folder.resolve("one").resolve("report.json"));
  }

  private List<String> rounds(String output) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("iterative", "--data", folder.resolve("digits").toString()));
    arguments.addAll(List.of("--dense-epochs", "3", "--fine-tune-epochs", "3"));
    arguments.addAll(List.of("--batch-size", "20", "--targets", "0.5,0.8"));
    arguments.addAll(List.of("--max-score-drop", "0.5"));
    arguments.addAll(List.of("--output", folder.resolve(output).toString()));
    return arguments;
  }

  @Test
  void checkpointsOfAnotherJobAreLeftAlone() throws IOException {
    Result first = run(command("one", saved()));
    assertThat(first.code()).as(first.err()).isZero();
    List<Path> before;
    try (Stream<Path> files = Files.list(folder.resolve("saved"))) {
      before = files.sorted().toList();
    }
    assertThat(before).hasSize(5);

    Result notResumed = run(command("one", saved()[0], saved()[1]));
    assertThat(notResumed.code()).isEqualTo(2);
    assertThat(notResumed.err()).contains("--resume continues from them").hasLineCount(1);

    Result another =
        run(command("one", saved()[0], saved()[1], "--resume", "--final-sparsity", "0.5"));
    assertThat(another.code()).isEqualTo(2);
    assertThat(another.err())
        .contains("expected checkpoints of a job with the settings")
        .contains("to: 0.5")
        .contains("to: 0.9")
        .hasLineCount(1);

    Files.write(folder.resolve("saved").resolve("pruned.checkpoint.zip"), new byte[10]);
    Result damaged = run(command("one", saved()));
    assertThat(damaged.code()).isEqualTo(2);
    assertThat(damaged.err())
        .contains("pruned.checkpoint.zip: expected a zip file")
        .hasLineCount(1);
  }

  @Test
  void withoutAFolderForItAJobSavesInItsOwn() throws IOException {
    Path saved = folder.resolve("one").resolve("saved");
    Result first = run(command("one"));
    assertThat(first.code()).as(first.err()).isZero();
    Path own = Files.writeString(saved.resolve("notes.txt"), "mine");
    Path copy = saved.resolve("best.checkpoint.zip");
    Files.copy(saved.resolve("pruned.checkpoint.zip"), copy);

    Result goesOn = run(command("one", "--resume"));
    assertThat(goesOn.code()).as(goesOn.err()).isZero();
    assertThat(goesOn.out()).contains("dense: resumed after epoch 5");

    Result another = run(command("one", "--resume", "--final-sparsity", "0.5"));
    assertThat(another.code()).isEqualTo(2);
    assertThat(another.err()).contains("expected checkpoints of a job with the settings");

    Result anew = run(command("one", "--final-sparsity", "0.5"));
    assertThat(anew.code()).as(anew.err()).isZero();
    assertThat(anew.out()).doesNotContain("resumed after");
    assertThat(own).hasContent("mine");
    assertThat(copy).exists();
  }
}
