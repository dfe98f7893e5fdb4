package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.charts.IterativeChart;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.RoundProgress;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.Images;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.iterative.IterativePruningResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Trains a network and prunes it in rounds.
 *
 * @param basic the network to train, and its images
 * @param data the digits; the test images are used twice, at the end
 * @param pruner all choices except the folder
 * @param seed the seed for weights and batches
 * @param folder the folder for results
 * @param out where the job prints
 */
record IterativeJob(
    MnistOptions basic,
    ImageData data,
    IterativePruner.Builder pruner,
    long seed,
    OutputFolder folder,
    PrintWriter out) {

  static final String DENSE_MODEL = "dense.zip";
  static final String PRUNED_MODEL = "pruned.zip";
  static final String REPORT = "report.json";
  static final String TABLE = "report.md";
  static final String CHART = "chart.png";

  private static final String ROUNDS = "rounds";
  private static final int EVALUATION_BATCH = 250;

  static ScoreCalculator<?> accuracyOn(Images digits) {
    return new ClassificationScoreCalculator(
        Evaluation.Metric.ACCURACY, ImageBatches.inOrder(digits, EVALUATION_BATCH));
  }

  void run(boolean resume) throws IOException {
    out.printf(
        Locale.ROOT,
        "%s on %s: %,d for training, %,d for validation, %,d for the test\n\n",
        basic.network().title(),
        data.origin(),
        data.train().size(),
        data.validation().size(),
        data.test().size());
    Path rounds = folder.path().resolve(ROUNDS);
    if (!resume) {
      forget(rounds);
    }
    MultiLayerNetwork network = build();
    IterativePruningResult result;
    try (RoundProgress progress =
            new RoundProgress(
                ImageBatches.count(data.train(), basic.batchSize()),
                out,
                "accuracy",
                score -> String.format(Locale.ROOT, "%.2f%%", 100 * score));
        Interruption hint =
            Interruption.say(
                "interrupted; the rounds so far are in "
                    + rounds
                    + "; the same command with --resume continues")) {
      network.addListeners(progress.steps());
      result =
          pruner
              .directory(rounds)
              .runName(basic.runName(data, seed))
              .addListener(progress)
              .build()
              .prune(network, ImageBatches.shuffled(data.train(), basic.batchSize(), seed));
    }
    show(result);
  }

  private MultiLayerNetwork build() {
    return basic.build(data, seed, new Adam(basic.learningRate()));
  }

  /**
   * Deletes the rounds of an earlier run. The pruner itself never does, since they may have taken
   * hours.
   */
  static void forget(Path rounds) throws IOException {
    if (Files.isDirectory(rounds)) {
      try (Stream<Path> files = Files.list(rounds)) {
        for (Path file : files.toList()) {
          if (file.toString().matches(".*\\.(zip|json|tmp)")) {
            Files.delete(file);
          }
        }
      }
    }
  }

  /** Reports the result. The test images are used only here, when everything is decided. */
  private void show(IterativePruningResult result) throws IOException {
    MultiLayerNetwork dense = (MultiLayerNetwork) result.dense();
    MultiLayerNetwork pruned = (MultiLayerNetwork) result.network();
    Path denseModel =
        folder.write(DENSE_MODEL, file -> ModelSerializer.writeModel(dense, file, false));
    Path prunedModel =
        folder.write(PRUNED_MODEL, file -> ModelSerializer.writeModel(pruned, file, false));
    double denseAccuracy = Trainer.accuracy(dense, data.test());
    double prunedAccuracy = Trainer.accuracy(pruned, data.test());
    SparsityReport sparsity = SparsityReport.of(pruned);

    out.println();
    out.println(result);
    out.println(sparsity);
    String test =
        String.format(
            Locale.ROOT,
            "test accuracy: dense %.2f%%, pruned %.2f%% at %.2f%% sparsity (%.1f×)",
            100 * denseAccuracy,
            100 * prunedAccuracy,
            100 * sparsity.sparsity(),
            sparsity.compressionRatio());
    out.println(test);
    out.println();
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(result.toJson());
    json.put("denseTestAccuracy", denseAccuracy).put("prunedTestAccuracy", prunedAccuracy);
    json.put("nonZeroWeights", sparsity.nonZeros());
    Path report = write(REPORT, json.toPrettyString() + "\n");
    Path table = write(TABLE, result.toMarkdown() + "\n" + test + "\n");
    Path chart =
        folder.write(
            CHART,
            file ->
                IterativeChart.write(
                    basic.network().title() + ", pruned in rounds",
                    "validation accuracy (%)",
                    100.0,
                    result,
                    file));
    out.printf(Locale.ROOT, "models   %s, %s\n", denseModel, prunedModel);
    out.printf(Locale.ROOT, "report   %s, %s\n", report, table);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
  }

  private Path write(String name, String text) throws IOException {
    return folder.write(name, file -> file.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
