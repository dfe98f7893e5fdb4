package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.models.ModelFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A killed command that is run again with --resume ends with the same model. */
class PruneResumeTest {

  @TempDir Path folder;
  private Path data;
  private Path model;

  @BeforeEach
  void prepare() throws IOException {
    data = OwnData.flowers(folder.resolve("flowers.csv"), 240);
    model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);
  }

  private List<String> command(Path output, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "prune",
                model.toString(),
                "--data",
                data.toString(),
                "--dense-epochs",
                "40",
                "--target-parameters",
                "0.8",
                "--final-sparsity",
                "0.6",
                "--fine-tune-epochs",
                "30",
                "--threads",
                "1",
                "--output",
                output.toString()));
    args.addAll(List.of(more));
    return args;
  }

  private static INDArray weights(Path output) throws IOException {
    return ModelFile.load(output.resolve("pruned.zip")).network().params();
  }

  /** Starts a process, and kills it when a line tells that a step has come far enough. */
  private void kill(Path output, String line) throws IOException, InterruptedException {
    List<String> program =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    program.addAll(command(output, "--resume"));
    Process process = new ProcessBuilder(program).redirectErrorStream(true).start();
    StringBuilder seen = new StringBuilder();
    try (BufferedReader out = process.inputReader()) {
      for (String next = out.readLine(); next != null; next = out.readLine()) {
        seen.append(next).append('\n');
        if (next.contains(line)) {
          process.destroyForcibly();
          break;
        }
      }
    }
    process.waitFor();
    assertThat(seen.toString()).as("was killed in time").contains(line);
    assertThat(output.resolve("pruned.zip")).doesNotExist();
  }

  @Test
  void shouldEndWithTheSameModelAfterKills() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    assertThat(Run.of(command(whole).toArray(String[]::new)).err()).isEmpty();

    Path killed = folder.resolve("killed folder");
    kill(killed, "epoch 17/40");
    kill(killed, "epoch 12/30"); // removing units
    kill(killed, "epoch 12/40"); // removing weights
    Run last = Run.of(command(killed, "--resume").toArray(String[]::new));

    assertThat(last.err()).isEmpty();
    assertThat(weights(killed)).isEqualTo(weights(whole));
    assertThat(Files.readString(killed.resolve("report.json")).replaceAll("(?s)\"millis.*", ""))
        .isEqualTo(Files.readString(whole.resolve("report.json")).replaceAll("(?s)\"millis.*", ""));

    Run other = Run.of(command(killed, "--resume", "--rounds", "2").toArray(String[]::new));
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("expected the state of a run with", "leave --resume out");
    assertThat(weights(killed)).as("nothing was changed").isEqualTo(weights(whole));
  }
}
