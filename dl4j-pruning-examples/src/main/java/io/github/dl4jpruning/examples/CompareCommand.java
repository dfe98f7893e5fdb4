package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.schedule.Sparsity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.NoOp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options of the {@code compare} job; the job itself is {@link Comparison}. */
@Command(
    name = "compare",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network with each of several recipes, at several sparsities and with several seeds,"
          + " and shows the mean and spread of the accuracy, next to that of the dense network.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  compare dl4j-pruning-examples/recipes/compare",
      "  compare mine.yaml yours.yaml --final-sparsity 0.95 --seeds 5"
    })
final class CompareCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "RECIPE",
      arity = "1..*",
      description = "Recipe files, or folders of them (*.yaml, *.yml, *.json).")
  private List<Path> recipes;

  @Mixin private MnistOptions basic;
  @Mixin private LengthOptions length;

  @Option(
      names = "--final-sparsity",
      paramLabel = "S",
      split = ",",
      defaultValue = "0.9,0.95,0.98",
      description = "Peak sparsities, each in [0, 1), in place of the recipe's own.")
  private List<Double> sparsities;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Runs of each recipe at each sparsity, with the seeds 1 to N.")
  private int seeds;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of runs in parallel.")
  private int jobs;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/compare",
      description = "Folder for the table and the chart.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    for (double sparsity : sparsities) {
      require(Sparsity.isOne(sparsity), "--final-sparsity", "must be in [0, 1)", sparsity);
    }
    require(seeds >= 1, "--seeds", "must be 1 or more", seeds);
    require(jobs >= 1, "--jobs", "must be 1 or more", jobs);
    basic.checkNumbers();
    length.checkNumbers(basic);
    ImageData digits = basic.digits();
    Map<String, PruningConfig> methods = methods(digits);
    OutputFolder folder = OutputFolder.open(output, Comparison.TABLE, Comparison.CHART);
    basic.limitThreads();
    new Comparison(basic, length, digits, methods, sparsities, seeds, jobs, folder)
        .run(spec.commandLine().getOut());
    return 0;
  }

  private Map<String, PruningConfig> methods(ImageData digits) throws IOException {
    int perEpoch = ImageBatches.count(digits.train(), basic.batchSize());
    int iterations = length.iterations(perEpoch);
    Map<String, PruningConfig> methods = new LinkedHashMap<>();
    for (Path file : files()) {
      PruningConfig config = RecipeFile.read(file);
      RecipeFile.checkReached(file, config, iterations, perEpoch);
      RecipeFile.checkFits(file.toString(), config, basic.build(digits, 0, new NoOp()));
      String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
      require(methods.put(name, config) == null, "RECIPE", "must have a unique name", name);
    }
    return methods;
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : recipes) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> inside = Files.list(path)) {
          List<Path> own =
              inside
                  .filter(file -> file.toString().matches(".*\\.(yaml|yml|json)"))
                  .sorted()
                  .toList();
          require(!own.isEmpty(), "RECIPE", "must be a folder with recipes", path);
          files.addAll(own);
        }
      } else {
        files.add(path);
      }
    }
    return files;
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
