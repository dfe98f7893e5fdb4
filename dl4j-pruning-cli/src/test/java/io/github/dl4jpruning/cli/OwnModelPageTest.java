package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/your-own-model.md. */
class OwnModelPageTest {

  private static final Path PAGE = Path.of("..", "docs", "your-own-model.md");
  private static final String PROGRAM = "    dl4j-pruning ";
  private static final Set<String> OURS =
      Set.of(
          "iris.zip",
          "iris.csv",
          "houses.zip",
          "houses.csv",
          "cnn.zip",
          "photos",
          "lstm.zip",
          "sequences",
          "half.yaml",
          "runs/prune/model.dl4jrun",
          "runs/prune/dense.zip",
          "runs/at-once",
          "runs/shrink/after.zip");

  /** What each command shows at its end. */
  private static final Map<String, String> SHOWN =
      Map.of(
          "prune", "report.html",
          "evaluate", "accuracy",
          "inspect", "MACs",
          "sensitivity", "proposal.yaml",
          "one-shot", "one-shot.png",
          "sweep", "best.yaml",
          "schedule", "schedule.png",
          "shrink", "The target was reached",
          "compress", "model.compact",
          "export", "model.c");

  private static final Set<String> READING =
      Set.of("--missing", "--delimiter", "--label", "--ignore");

  @TempDir Path folder;

  private void prepare() throws IOException {
    Path table = folder.resolve("iris.csv");
    try (InputStream iris =
        Objects.requireNonNull(OwnModelPageTest.class.getResourceAsStream("iris.csv"))) {
      Files.copy(iris, table);
    }
    Files.writeString(table, Files.readString(table) + "5.1,?,1.4,0.2,setosa\n");
    OwnData.perceptron(folder.resolve("iris.zip"), 4, 3);
    OwnData.perceptron(folder.resolve("houses.zip"), 2, 1);
    OwnData.houses(folder.resolve("houses.csv"), 200);
    OwnData.convolutional(folder.resolve("cnn.zip"));
    OwnData.shapes(folder.resolve("photos"), 40);
    OwnData.recurrent(folder.resolve("lstm.zip"), false);
    OwnData.trends(folder.resolve("sequences"), 40);
    Files.writeString(
        folder.resolve("half.yaml"),
        """
        schedule:
          polynomial: {from: 0, to: 0.5, begin: 2 epochs, end: 10 epochs}
        updateEvery: 1
        """);
  }

  @Test
  void shouldRunAllCommands() throws IOException {
    prepare();
    List<String> commands =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith(PROGRAM) && !line.contains("MODEL"))
            .map(line -> line.substring(PROGRAM.length()))
            .toList();
    assertThat(commands).hasSize(15);
    assertThat(commands.stream().map(command -> command.replaceFirst(" .*", "")))
        .containsAll(SHOWN.keySet());
    Path output = folder.resolve("runs").resolve("prune");
    for (String command : commands) {
      List<String> args = new ArrayList<>();
      for (String typed : command.split(" ", -1)) {
        String word = typed.replace("\"", ""); // as a shell does
        args.add(OURS.contains(word) ? folder.resolve(word).toString() : word);
      }
      boolean iris = args.stream().anyMatch(word -> word.endsWith("iris.csv"));
      if (iris && !args.contains("--missing")) {
        args.addAll(List.of("--missing", "drop"));
      }
      boolean writes = !Set.of("evaluate", "inspect").contains(args.get(0));
      if (writes && !args.contains("--output")) {
        String own = folder.resolve("runs").resolve(args.get(0)).toString();
        args.addAll(List.of("--output", own));
      }
      Run run = Run.of(args.toArray(String[]::new));
      assertThat(run.err()).as(command).isEmpty();
      assertThat(run.code()).as(command).isZero();
      assertThat(run.out()).as(command).contains(SHOWN.get(args.get(0)));
      if (args.get(0).equals("prune")) {
        Path own = Path.of(args.get(args.indexOf("--output") + 1));
        check(args, own);
        assertThat(Files.exists(own.resolve("model.onnx"))).isEqualTo(command.contains("onnx"));
      }
    }
    assertThat(Files.readString(output.resolve("report.json"))).contains("--recipe");
    assertThat(Arrays.stream(output.toFile().list()).toList())
        .contains("report.html", "pruned.zip", "pruned.compact", "model.dl4jrun")
        .as("of the run with images")
        .doesNotContain("model.onnx");
  }

  /** The same options that say how data is read. */
  private static void check(List<String> args, Path output) throws IOException {
    List<String> more = new ArrayList<>();
    Path data = output;
    for (int i = 0; i + 1 < args.size(); i++) {
      if (args.get(i).equals("--data")) {
        data = Path.of(args.get(i + 1));
      } else if (READING.contains(args.get(i))) {
        more.addAll(args.subList(i, i + 2));
      }
    }
    Outcome.check(output, data, 0.85, more.toArray(String[]::new));
  }
}
