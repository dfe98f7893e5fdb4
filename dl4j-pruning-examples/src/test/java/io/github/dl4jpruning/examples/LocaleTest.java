package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.console.Console;
import io.github.dl4jpruning.examples.data.IdxFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shown is the same on every machine. */
class LocaleTest {

  @TempDir Path folder;
  private Locale own;

  @BeforeEach
  void begin() throws IOException {
    own = Locale.getDefault();
    Locale.setDefault(Locale.ROOT);
    IdxFiles.write(folder.resolve("digits"), 240, 50);
  }

  @AfterEach
  void restore() {
    Locale.setDefault(own);
  }

  private static String run(String... args) {
    StringWriter text = new StringWriter();
    Main.run(new PrintWriter(text, true), new PrintWriter(text, true), args);
    return text.toString();
  }

  private String[] mnist(String output) {
    return new String[] {
      "mnist",
      "--epochs",
      "1",
      "--fine-tune-epochs",
      "1",
      "--update-every",
      "2",
      "--data",
      folder.resolve("digits").toString(),
      "--output",
      folder.resolve(output).toString()
    };
  }

  /** Without the lines of the progress bar, which have times. */
  private static String withoutTimes(String text) {
    return text.replaceAll("(?m)^\\w+ +\\d+% \\[.*\\R", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"de-DE", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "tr-TR"})
  void shouldShowTheSameNumbers(String machine) throws IOException {
    String schedule = "cosine: {to: 0.975, begin: 100, end: 12000}";
    String[] options = {"schedule", schedule, "--output", folder.resolve("out").toString()};
    List<String[]> jobs =
        List.of(
            options,
            new String[] {"mnist", "--final-sparsity", "1.5"},
            new String[] {"cifar10", "--data", folder.resolve("digits").toString()},
            new String[] {"schedule", schedule, "--iterations", "1,000"},
            new String[] {"mnist", "--schedule", "LINEAR", "--begin", "3I", "--end", "1i"});
    List<String> expected = jobs.stream().map(LocaleTest::run).toList();
    byte[] picture = Files.readAllBytes(folder.resolve("out/schedule.png"));

    Locale.setDefault(Locale.forLanguageTag(machine));

    assertThat(jobs.stream().map(LocaleTest::run).toList()).isEqualTo(expected);
    assertThat(Files.readAllBytes(folder.resolve("out/schedule.png"))).isEqualTo(picture);
    assertThat(expected.get(0)).contains("4.83%", "1,800");
  }

  @Test
  void shouldTrainAndReportTheSame() throws IOException {
    String expected = withoutTimes(run(mnist("out")));
    String report = Files.readString(folder.resolve("out/report.json"));

    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));

    assertThat(withoutTimes(run(mnist("out")))).isEqualTo(expected).contains("test accuracy");
    assertThat(Files.readString(folder.resolve("out/report.json"))).isEqualTo(report);
  }

  /** The progress bar is not ours, and follows the locale of the process. */
  @Test
  void shouldShowTheSameInAProcessOfItsOwn() throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Duser.language=ar",
                "-Duser.country=EG",
                "-Duser.extensions=u-nu-arab",
                "-Dline.separator=\r\n",
                Main.class.getName()));
    command.addAll(List.of(mnist("child")));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            // JavaCPP and slf4j speak for themselves.
            .replaceAll("(?m)^SLF4J.*\\R", "");

    assertThat(process.waitFor()).as(text).isZero();
    assertThat(text)
        .contains("test accuracy", "100% [")
        .containsPattern("\\(0:00:\\d\\d / ")
        .doesNotContain("\r")
        .doesNotContainPattern("[\u0660-\u0669]");
  }

  @Test
  void shouldEndAllLinesAlike() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Console console = new Console(bytes);

    console.println("‖W‖₀");
    console.println();
    console.println(3);

    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("‖W‖₀\n\n3\n");
  }
}
