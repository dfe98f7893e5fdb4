package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** What {@code prune} left in its folder. */
final class Outcome {

  private Outcome() {}

  static JsonNode report(Path output) throws IOException {
    return new ObjectMapper().readTree(output.resolve("report.json").toFile());
  }

  /** Every command ends in a runtime file, and it is as good as the network itself. */
  static void check(Path output, Path data, double leastScore, String... more) throws IOException {
    JsonNode report = report(output);
    assertThat(report.at("/pruned/score").asDouble()).isGreaterThan(leastScore);
    assertThat(Files.readString(output.resolve("report.html")))
        .contains("Where the bytes of the compact file go")
        .doesNotContain("http://", "https://", "<script", "src=\"/");
    String metric = report.at("/metric").asText();
    List<String> values = new ArrayList<>();
    for (String model : List.of("pruned.zip", "pruned.compact", "model.dl4jrun")) {
      List<String> args =
          new ArrayList<>(
              List.of(
                  "evaluate",
                  output.resolve(model).toString(),
                  "--data",
                  data.toString(),
                  "--metric",
                  metric));
      args.addAll(List.of(more));
      Run run = Run.of(args.toArray(String[]::new));
      assertThat(run.err()).as(model).isEmpty();
      values.add(run.out().replaceAll("(?s).*" + metric + " +", "").strip());
    }
    assertThat(values).as("zip, compact file, runtime file").containsOnly(values.get(0));
    assertThat(Double.parseDouble(values.get(0))).isGreaterThan(leastScore);
  }
}
