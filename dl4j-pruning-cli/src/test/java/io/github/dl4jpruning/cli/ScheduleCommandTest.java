package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that shows when masks change. */
class ScheduleCommandTest {

  @TempDir Path folder;

  private Run schedule(String... more) {
    List<String> args = new ArrayList<>(List.of("schedule"));
    args.addAll(List.of(more));
    args.addAll(List.of("--output", folder.resolve("out").toString()));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void shouldShowEveryMaskUpdate() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("mine.yaml"),
            "schedule: {linear: {to: 0.5, begin: 0, end: 10}}\nupdateEvery: 5");

    Run run =
        schedule(
            recipe.toString(),
            "oneShot: {sparsity: 0.3, at: 2 epochs}",
            "--iterations=30",
            "--iterations-per-epoch=4");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("mine", "oneShot")
        .containsPattern("5 +1 +25\\.00%")
        .containsPattern("8 +2 +30\\.00%")
        .containsPattern("10 +2 +50\\.00%");
    Path chart = folder.resolve("out").resolve("schedule.png");
    assertThat(ImageIO.read(chart.toFile()).getHeight()).isEqualTo(540);
  }

  private void refused(String message, String... args) {
    Run run = schedule(args);
    assertThat(run.code()).as(message).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void shouldRefuseBadInput() {
    String half = "constant: {sparsity: 0.5}";
    refused("Missing required parameter");
    refused("expected one of 'polynomial'", "cubic: {to: 1}");
    refused("schedule.linear: to must be", "linear: {to: 2, begin: 0, end: 1}");
    refused("no such file", "none.yaml");
    refused("must not be given twice", half, half);
    refused("--iterations must be 1 or more", half, "--iterations=0");
    refused("--iterations-per-epoch must be", half, "--iterations-per-epoch=0");
    refused("--update-every must be", half, "--update-every=0");
  }
}
