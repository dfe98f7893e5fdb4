package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.charts.ScheduleChart;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.schedule.UpdateTiming.Update;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows when masks would change, and to what sparsity, without training anything. */
@Command(
    name = "schedule",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Previews one or several sparsity schedules: a table of the mask updates, and a chart.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  schedule recipe.yaml",
      "  schedule \"polynomial: {to: 0.9, begin: 250, end: 1249}\""
          + " \"oneCycle: {to: 0.9, begin: 0, end: 1249}\""
    })
public final class ScheduleCommand implements Callable<Integer> {

  private static final String CHART = "schedule.png";

  @Parameters(
      paramLabel = "SCHEDULE",
      arity = "1..*",
      description = "Recipe files, or schedules written as in a recipe.")
  private List<String> schedules;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "1875",
      description = "Iterations of training.")
  private int iterations;

  @Option(
      names = "--iterations-per-epoch",
      paramLabel = "N",
      defaultValue = "125",
      description = "Iterations in an epoch.")
  private int iterationsPerEpoch;

  @Option(
      names = "--update-every",
      paramLabel = "N",
      description =
          "Iterations between mask updates. Default: the value in the recipe, or 100 if there is"
              + " none.")
  private @Nullable Integer updateEvery;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/schedule",
      description = "Folder for the chart.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    require(iterations >= 1, "--iterations", "must be 1 or more", iterations);
    require(
        iterationsPerEpoch >= 1, "--iterations-per-epoch", "must be 1 or more", iterationsPerEpoch);
    require(
        updateEvery == null || updateEvery >= 1,
        "--update-every",
        "must be 1 or more",
        updateEvery);
    Map<String, UpdateTiming> timings = new LinkedHashMap<>();
    for (String schedule : schedules) {
      UpdateTiming timing = timing(schedule);
      require(
          timings.put(name(schedule), timing) == null,
          "SCHEDULE",
          "must not be given twice",
          name(schedule));
    }
    OutputFolder folder = OutputFolder.open(output, CHART);
    PrintWriter out = spec.commandLine().getOut();
    out.println(table(timings));
    Path chart =
        folder.write(
            CHART, file -> ScheduleChart.write(timings, iterations, iterationsPerEpoch, file));
    out.printf(Locale.ROOT, "chart    %s\n", chart);
    return 0;
  }

  private static String name(String schedule) {
    return isFile(schedule)
        ? Path.of(schedule).getFileName().toString().replaceFirst("\\.[^.]*$", "")
        : schedule.strip();
  }

  /** An argument with a colon is a schedule, such as {@code linear: {…}}. */
  private static boolean isFile(String schedule) {
    return schedule.matches("[^{}\\n]*\\.(yaml|yml|json)")
        || (!schedule.contains(":") && Files.exists(Path.of(schedule)));
  }

  private UpdateTiming timing(String schedule) throws IOException {
    PruningConfig config;
    if (isFile(schedule)) {
      config = RecipeFile.read(Path.of(schedule));
    } else {
      try {
        // This rule allows falling sparsity; the schedule is only displayed here.
        config = PruningConfig.fromYaml("schedule: {" + schedule + "}\nrule: regrow");
      } catch (IllegalArgumentException e) {
        throw new IOException("'" + schedule + "': " + e.getMessage(), e);
      }
    }
    return updateEvery == null
        ? config.timing()
        : new UpdateTiming(config.timing().schedule(), updateEvery);
  }

  private String table(Map<String, UpdateTiming> timings) {
    Map<String, Map<Integer, Update>> updates = new LinkedHashMap<>();
    SortedSet<Integer> all = new TreeSet<>();
    timings.forEach(
        (name, timing) -> {
          Map<Integer, Update> own =
              timing.updates(iterations, iterationsPerEpoch).stream()
                  .collect(Collectors.toMap(Update::iteration, update -> update));
          updates.put(name, own);
          all.addAll(own.keySet());
        });
    String[] header = new String[2 + timings.size()];
    header[0] = "iteration";
    header[1] = "epoch";
    int column = 2;
    for (String name : timings.keySet()) {
      header[column++] = name.length() > 30 ? name.substring(0, 29) + "…" : name;
    }
    TextTable table = new TextTable(header);
    for (int iteration : all) {
      String[] row = new String[header.length];
      row[0] = String.format(Locale.ROOT, "%,d", iteration);
      row[1] = String.valueOf(iteration / iterationsPerEpoch);
      column = 2;
      for (Map<Integer, Update> own : updates.values()) {
        Update update = own.get(iteration);
        row[column++] =
            update == null ? "" : String.format(Locale.ROOT, "%.2f%%", 100 * update.sparsity());
      }
      table.row(row);
    }
    return table.toString();
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
