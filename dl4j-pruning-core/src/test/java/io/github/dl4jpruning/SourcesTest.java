package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a machine's settings would change in texts stands in no source of any module. That numbers
 * are written without the machine's locale is held by Error Prone's {@code DefaultLocale}.
 */
class SourcesTest {

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(".."), 20)) {
      return files
          .filter(file -> file.toString().contains("/src/main/java/".replace('/', sep())))
          .filter(file -> file.toString().endsWith(".java"))
          .toList();
    }
  }

  private static char sep() {
    return Path.of("..").getFileSystem().getSeparator().charAt(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%n", "lineSeparator\\(", "line\\.separator", "\\.newLine\\("})
  void linesEndInTheSameWayOnEveryMachine(String machines) throws IOException {
    Pattern pattern = Pattern.compile(machines);
    List<String> found = new ArrayList<>();
    for (Path source : sources()) {
      if (pattern.matcher(Files.readString(source)).find()) {
        found.add(source.toString());
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void theModulesAreLookedAt() throws IOException {
    assertThat(sources())
        .extracting(Path::toString)
        .anyMatch(file -> file.endsWith("PruningListener.java"))
        .anyMatch(file -> file.endsWith("Charts.java"))
        .anyMatch(file -> file.endsWith("ShrinkJob.java"))
        .anyMatch(file -> file.endsWith("Benchmarks.java"));
  }
}
