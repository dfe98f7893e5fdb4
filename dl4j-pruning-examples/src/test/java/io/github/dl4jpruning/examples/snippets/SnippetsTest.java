package io.github.dl4jpruning.examples.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every program that the README calls one to copy is run here, and reaches what it says. */
class SnippetsTest {

  private static final Path SOURCES =
      Path.of("src/main/java").resolve(SnippetsTest.class.getPackageName().replace('.', '/'));

  @TempDir private Path folder;

  private final PrintStream console = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void leave() {
    System.setOut(console);
  }

  private double number(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(printed.toString(StandardCharsets.UTF_8));
    assertThat(matcher.find()).as("%s in %s", pattern, printed).isTrue();
    return Double.parseDouble(matcher.group(1).replace(",", ""));
  }

  private double totalSparsity() {
    return number("total.*?([0-9.]+)%");
  }

  @Test
  void multiLayerNetwork() throws IOException {
    PruneMultiLayerNetwork.main(new String[0]);

    assertThat(totalSparsity()).isEqualTo(90.0);
    assertThat(number("accuracy ([0-9.]+)")).isGreaterThan(0.9);
  }

  @Test
  void computationGraph() throws IOException {
    PruneComputationGraph.main(new String[0]);

    assertThat(number("pruned layers ([0-9.]+)")).isBetween(0.7999, 0.8001);
    assertThat(totalSparsity()).isBetween(79.0, 80.0); // the output layer is dense
  }

  @Test
  void shrinkAndSave() throws IOException {
    PruneShrinkAndSave.main(new String[] {folder.resolve("small.compact").toString()});

    assertThat(number("-> ([0-9]+)")).isLessThan(0.7 * number("parameters ([0-9]+)"));
    assertThat(number("accuracy ([0-9.]+)")).isGreaterThan(0.9);
    assertThat(folder.resolve("small.compact")).isNotEmptyFile();
  }

  @Test
  void withoutTraining() throws IOException {
    PruneWithoutTraining.main(new String[0]);

    double dense = number("dense ([0-9.]+)");
    assertThat(number("plain ([0-9.]+)")).isLessThan(dense - 0.05);
    assertThat(number("corrected ([0-9.]+)")).isGreaterThan(dense - 0.03);
  }

  @Test
  void exportAndRun() throws IOException {
    ExportAndRun.main(new String[] {folder.resolve("small.dl4jrun").toString()});

    assertThat(number("samples of another class\\s+([0-9]+)")).isZero();
    assertThat(number("probability of a one ([0-9.Ee-]+)")).isBetween(0.0, 1.0);
    assertThat(folder.resolve("small.dl4jrun")).isNotEmptyFile();
    assertThat(folder.resolve("small.dl4jrun.check.json")).isNotEmptyFile();
  }

  @Test
  void rounds() throws IOException {
    PruneInRounds.main(new String[0]);

    assertThat(number("sparsity ([0-9.]+), ")).isGreaterThanOrEqualTo(0.5);
    double dense = number("dense.*?([01]\\.[0-9]{4})");
    assertThat(number(", accuracy ([0-9.]+)")).isGreaterThanOrEqualTo(dense - 0.0101);
  }

  @Test
  void parallel() throws IOException {
    PruneInParallel.main(new String[0]);

    assertThat(totalSparsity()).isEqualTo(80.0);
  }

  @Test
  void ownCriterion() throws IOException {
    PruneByOwnCriterion.main(new String[0]);

    assertThat(totalSparsity()).isEqualTo(80.0);
  }

  @Test
  void ownLoop() throws IOException {
    PruneInOwnLoop.main(new String[0]);

    assertThat(totalSparsity()).isEqualTo(80.0);
  }

  @Test
  void resume() throws IOException {
    String[] args = {folder.toString()};
    ResumeAfterKill.main(args);
    String whole = table();
    List<Path> checkpoints;
    try (Stream<Path> files = Files.list(folder)) {
      checkpoints = files.sorted().toList();
    }
    assertThat(checkpoints).hasSize(3);
    Files.delete(checkpoints.get(2)); // as if it had been killed in the third epoch
    printed.reset();

    ResumeAfterKill.main(args);

    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("continues after epoch 2");
    assertThat(totalSparsity()).isEqualTo(90.0);
    assertThat(table()).contains("26,620").isNotEmpty();
    assertThat(whole).contains("26,620");
  }

  private String table() {
    String text = printed.toString(StandardCharsets.UTF_8);
    return text.substring(text.indexOf("parameter"));
  }

  static List<Path> programs() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .filter(f -> !f.endsWith("Digits.java") && !f.endsWith("package-info.java"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void areShort(Path program) throws IOException {
    String code = Files.readString(program);
    List<String> lines =
        code.lines()
            .filter(line -> !line.isBlank() && !line.matches("(import|package) .*"))
            .toList();

    assertThat(lines).as("%s", program).hasSizeBetween(20, 40);
    assertThat(Files.readString(Path.of("..", "README.md")))
        .contains(program.getFileName().toString());
  }
}
