package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.examples.data.MnistData;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.report.PruningChart;
import io.github.dl4jpruning.examples.report.RunReport;
import io.github.dl4jpruning.examples.report.RunReport.Outcome;
import io.github.dl4jpruning.examples.train.Checkpoints;
import io.github.dl4jpruning.examples.train.Checkpoints.Saved;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import io.github.dl4jpruning.examples.train.TrainingHistory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Trains a network dense and pruned, for the same number of epochs on the same batches from the
 * same weights, and compares.
 *
 * @param kind the network
 * @param data the digits
 * @param pruning the listener for the pruned network
 * @param epochs epochs during which sparsity rises
 * @param fineTuneEpochs epochs after that
 * @param batchSize images per iteration
 * @param updater trains both
 * @param seed for weights and batches
 * @param settings all numbers that were chosen, by option, for the report
 * @param folder where files go
 * @param checkpoints where to save after each epoch, and to go on from; null to save nothing
 * @param out where everything that is shown goes
 */
record MnistJob(
    MnistNetwork kind,
    MnistData data,
    PruningListener pruning,
    int epochs,
    int fineTuneEpochs,
    int batchSize,
    IUpdater updater,
    long seed,
    Map<String, Number> settings,
    OutputFolder folder,
    Checkpoints checkpoints,
    PrintWriter out) {

  static final String DENSE_MODEL = "dense.zip";
  static final String PRUNED_MODEL = "pruned.zip";
  static final String REPORT = "report.json";
  static final String CHART = "chart.png";

  void run() throws IOException, TrainingFailedException {
    int all = epochs + fineTuneEpochs;
    out.printf(
        Locale.ROOT,
        "%s on %s: %,d for training, %,d for validation, %,d for the test%n",
        kind.title(),
        data.origin(),
        data.train().size(),
        data.validation().size(),
        data.test().size());
    out.printf("%d epochs with Adam, once dense and once pruned%n%n", all);
    Saved denseRun = train("dense", PruningListener.fineTuning(), all);
    Saved prunedRun = train("pruned", pruning, all);
    MultiLayerNetwork denseNetwork = denseRun.network();
    TrainingHistory denseHistory = denseRun.history();
    MultiLayerNetwork prunedNetwork = prunedRun.network();
    TrainingHistory prunedHistory = prunedRun.history();
    pruning.finish();

    // Nothing is written before both have ended, so that the files of a folder belong together.
    Outcome dense = outcome(DENSE_MODEL, denseNetwork, denseHistory);
    Outcome pruned = outcome(PRUNED_MODEL, prunedNetwork, prunedHistory);
    RunReport report = new RunReport(kind.title(), data, pruning.config(), settings, dense, pruned);
    Path json =
        folder.write(REPORT, file -> file.write(report.toJson().getBytes(StandardCharsets.UTF_8)));
    Path chart =
        folder.write(
            CHART,
            file ->
                PruningChart.write(
                    kind.title() + ", pruned while it trains", denseHistory, prunedHistory, file));
    out.println();
    out.println(report);
    out.printf("models   %s, %s%n", dense.model(), pruned.model());
    out.printf("report   %s%n", json);
    out.printf("chart    %s%n", chart);
  }

  /** The dense network has a listener too, one that changes nothing, so that it can be saved. */
  private Saved train(String task, PruningListener listener, int all)
      throws IOException, TrainingFailedException {
    Optional<Saved> saved =
        checkpoints == null ? Optional.empty() : checkpoints.load(task, listener);
    Saved start;
    if (saved.isPresent()) {
      start = saved.get();
      out.printf("%s: goes on after epoch %d%n", task, start.network().getEpochCount());
    } else {
      start = new Saved(kind.build(seed, updater.clone()), new TrainingHistory());
      listener.attachTo(start.network());
    }
    new Trainer(data, batchSize, seed, out)
        .train(task, start.network(), listener, all, start.history(), checkpoints);
    return start;
  }

  /** The test images are looked at here, once per network, when everything about it is decided. */
  private Outcome outcome(String name, MultiLayerNetwork network, TrainingHistory history)
      throws IOException {
    Path model = folder.write(name, file -> ModelSerializer.writeModel(network, file, false));
    double accuracy = Trainer.accuracy(network, data.test());
    return new Outcome(SparsityReport.of(network), accuracy, model, Files.size(model), history);
  }
}
