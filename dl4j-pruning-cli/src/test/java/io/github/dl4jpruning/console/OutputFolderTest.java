package io.github.dl4jpruning.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {

  @TempDir Path parent;

  @AfterEach
  void endJob() {
    JobFolders.release();
  }

  @Test
  void shouldKeepOtherJobsOut() throws Exception {
    OutputFolder.open(parent);
    OutputFolder.open(parent.resolve("../" + parent.getFileName())); // the same job again
    Throwable[] refused = new Throwable[1];
    Thread other =
        new Thread(
            () -> {
              try {
                OutputFolder.open(parent);
              } catch (IOException e) {
                refused[0] = e;
              }
            });
    other.start();
    other.join();
    assertThat(refused[0])
        .hasMessageContaining(parent.toString())
        .hasMessageContaining("no other job writes to")
        .hasMessageContaining("name another folder");
    JobFolders.release();
    assertThat(names(parent)).isEmpty();
    OutputFolder.open(parent);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void shouldMakeTheFolderAndLeaveNothingElse() throws IOException {
    Path folder = parent.resolve("a/b");

    OutputFolder output = OutputFolder.open(folder);
    Path file = output.write("x.txt", out -> out.write("one".getBytes(StandardCharsets.UTF_8)));
    output.write("x.txt", out -> out.write("two".getBytes(StandardCharsets.UTF_8)));

    assertThat(file).hasContent("two");
    JobFolders.release();
    assertThat(names(folder)).containsExactly("x.txt");
  }

  @Test
  void shouldKeepTheOldFileIfTheNewOneFails() throws IOException {
    OutputFolder output = OutputFolder.open(parent);
    output.write("x.txt", out -> out.write("one".getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(
            () ->
                output.write(
                    "x.txt",
                    out -> {
                      out.write('t');
                      throw new IOException("no space");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x.txt")
        .hasMessageContaining("no space");

    assertThat(parent.resolve("x.txt")).hasContent("one");
    JobFolders.release();
    assertThat(names(parent)).containsExactly("x.txt");
  }

  @Test
  void shouldSayWhatLiesBehindAPictureThatCannotBeWritten() throws IOException {
    OutputFolder output = OutputFolder.open(parent);

    assertThatThrownBy(
            () ->
                output.write(
                    "chart.png",
                    out -> {
                      throw new IOException(
                          "I/O error writing PNG file!", new IOException("no space"));
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(
            parent.resolve("chart.png")
                + ": expected to write it, but found IOException: no space");
  }

  @Test
  void shouldRefuseAFileInPlaceOfAFolder() throws IOException {
    Path file = Files.writeString(parent.resolve("taken"), "text");

    assertThatThrownBy(() -> OutputFolder.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is a file of that name");
    assertThatThrownBy(() -> OutputFolder.open(file.resolve("below")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a folder to write to");
    assertThat(file).hasContent("text");
    Files.createDirectory(parent.resolve("report.json"));
    assertThatThrownBy(() -> OutputFolder.open(parent, "report.json"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is a folder of that name");
  }
}
