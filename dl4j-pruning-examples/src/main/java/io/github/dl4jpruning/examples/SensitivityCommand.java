package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.charts.SensitivityChart;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityResult.Proposal;
import io.github.dl4jpruning.tune.SensitivityScan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.Adam;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network and measures how much sparsity each of its layers tolerates. */
@Command(
    name = "sensitivity",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network on handwritten digits, then prunes one layer at a time at each of several"
          + " sparsities, without retraining, and shows how much accuracy it costs. Proposes a"
          + " sparsity for each layer, as a recipe.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  sensitivity --network lenet-5 --dense-epochs 3",
      "  sensitivity --sparsities 0.9,0.95,0.99 --max-score-drop 0.02",
      "  mnist --recipe runs/sensitivity/proposal.yaml"
    })
final class SensitivityCommand implements Callable<Integer> {

  private static final String TABLE = "sensitivity.csv";
  private static final String CHART = "sensitivity.png";
  private static final String RECIPE = "proposal.yaml";

  @Mixin private MnistOptions basic;

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Epochs of training before the scan, at least 1.")
  private int denseEpochs;

  @Option(
      names = "--sparsities",
      paramLabel = "S",
      split = ",",
      defaultValue = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95,0.99",
      description = "Sparsities to try on each layer, in rising order, each in (0, 1).")
  private List<Double> sparsities;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.01",
      description = "Maximum loss of accuracy for each layer in the proposal, as a fraction.")
  private double maxScoreDrop;

  @Option(
      names = "--in-runtime",
      description = "Also time one prediction in the runtime in each probe, which takes a second.")
  private boolean inRuntime;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the initial weights and the order of the images.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/sensitivity",
      description = "Folder for the table, the heat map and the recipe.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    require(denseEpochs >= 1, "--dense-epochs", "must be 1 or more", denseEpochs);
    require(maxScoreDrop >= 0.0, "--max-score-drop", "must be 0 or more", maxScoreDrop);
    ImageData digits = basic.digits();
    SensitivityScan.Builder scan = SensitivityScan.builder();
    try {
      scan.sparsities(sparsities.stream().mapToDouble(Double::doubleValue).toArray())
          .scoreCalculator(IterativeJob.accuracyOn(digits.validation()));
      if (inRuntime) {
        scan.latencyBy(new RuntimeLatency(ExportOptions.defaults()));
      }
      scan.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--sparsities: " + e.getMessage(), e);
    }
    OutputFolder folder = OutputFolder.open(output, TABLE, CHART, RECIPE);
    basic.limitThreads();
    run(digits, scan, folder, spec.commandLine().getOut());
    return 0;
  }

  private void run(
      ImageData digits, SensitivityScan.Builder scan, OutputFolder folder, PrintWriter out)
      throws IOException, TrainingFailedException {
    out.printf(
        Locale.ROOT,
        "%s on %s: %,d for training, %,d for validation\n",
        basic.network().title(),
        digits.origin(),
        digits.train().size(),
        digits.validation().size());
    MultiLayerNetwork network = basic.build(digits, seed, new Adam(basic.learningRate()));
    new Trainer(digits, Augmentation.NONE, basic.batchSize(), seed, Optional.of(out))
        .train("dense", network, Optional.empty(), denseEpochs);
    network.setListeners();
    SensitivityResult result =
        scan.onProbe(
                (layer, probe, done, all) -> {
                  out.printf(
                      Locale.ROOT,
                      "%4d/%d  %-8s sparsity %.4g%%  validation %.2f%%%s\n",
                      done,
                      all,
                      layer,
                      100 * probe.sparsity(),
                      100 * probe.score(),
                      probe.speedup().map(speedup -> "  in the runtime " + speedup).orElse(""));
                  out.flush();
                })
            .build()
            .scan(network, ImageBatches.inOrder(digits.train(), basic.batchSize()));
    Proposal proposal = result.proposal(maxScoreDrop);
    out.println();
    out.println("validation accuracy with one layer pruned, as a fraction");
    out.println();
    out.println(result);
    out.println(table(proposal));
    write(result, proposal, ImageBatches.count(digits.train(), basic.batchSize()), folder, out);
  }

  private String table(Proposal proposal) {
    TextTable table = new TextTable("layer", "proposed sparsity");
    proposal.targets().forEach((layer, target) -> table.row(layer, percent(target)));
    table.rule();
    table.row("all", percent(proposal.sparsity()));
    return table.toString();
  }

  private static String percent(double sparsity) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * sparsity);
  }

  private void write(
      SensitivityResult result,
      Proposal proposal,
      int perEpoch,
      OutputFolder folder,
      PrintWriter out)
      throws IOException {
    // These are the defaults of the mnist job: pruning from the second epoch to the tenth.
    String yaml =
        PruningListener.builder()
            .schedule(
                SparsitySchedules.polynomial(0.0, proposal.sparsity(), 2 * perEpoch, 10 * perEpoch))
            .updateEvery(50)
            .distribution(proposal.distribution())
            .build()
            .config()
            .toYaml();
    Path table =
        folder.write(TABLE, file -> file.write(result.toCsv().getBytes(StandardCharsets.UTF_8)));
    Path chart =
        folder.write(
            CHART,
            file ->
                SensitivityChart.write(
                    basic.network().title(), "points of accuracy", 100.0, result, file));
    Path recipe = folder.write(RECIPE, file -> file.write(yaml.getBytes(StandardCharsets.UTF_8)));
    out.printf(Locale.ROOT, "table    %s\n", table);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
    out.printf(Locale.ROOT, "recipe   %s (for mnist --recipe)\n", recipe);
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }
}
