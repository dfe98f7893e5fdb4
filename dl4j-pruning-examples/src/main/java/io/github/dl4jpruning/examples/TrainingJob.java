package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.ExampleNetwork;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.report.PruningChart;
import io.github.dl4jpruning.examples.report.RunReport;
import io.github.dl4jpruning.examples.report.RunReport.Outcome;
import io.github.dl4jpruning.examples.train.Checkpoints;
import io.github.dl4jpruning.examples.train.Checkpoints.Saved;
import io.github.dl4jpruning.examples.train.Interruption;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import io.github.dl4jpruning.examples.train.TrainingHistory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Trains a network dense and pruned, for the same number of epochs on the same batches from the
 * same weights, and compares.
 *
 * @param kind the network
 * @param data the images
 * @param augmentation how the training images are changed
 * @param pruning the listener for the pruned network
 * @param epochs how many
 * @param batchSize images per iteration
 * @param updater trains both
 * @param l2 regularises the weights of both
 * @param seed for weights and batches
 * @param settings all that was chosen, by option, for the report
 * @param folder where files go
 * @param checkpoints where to save after each epoch, and to go on from
 * @param out where everything that is shown goes
 */
record TrainingJob(
    ExampleNetwork kind,
    ImageData data,
    Augmentation augmentation,
    PruningListener pruning,
    int epochs,
    int batchSize,
    IUpdater updater,
    double l2,
    long seed,
    Map<String, Object> settings,
    OutputFolder folder,
    Checkpoints checkpoints,
    PrintWriter out) {

  static final String DENSE_MODEL = "dense.zip";
  static final String PRUNED_MODEL = "pruned.zip";
  static final String REPORT = "report.json";
  static final String CHART = "chart.png";

  private static final String DENSE = "dense";
  private static final String PRUNED = "pruned";

  /** Its trainings, by the names of what is saved of them. */
  static final List<String> TASKS = List.of(DENSE, PRUNED);

  /**
   * The job that the options ask for. All that can be refused is refused here, and no file that is
   * there is touched.
   *
   * @param part the folder within that of the results; null for that folder itself
   */
  static TrainingJob of(
      ExampleNetwork kind,
      ImageData data,
      Augmentation augmentation,
      OptimizerOptions optimizer,
      LengthOptions length,
      PruningOptions pruning,
      RunOptions run,
      @Nullable String part,
      PrintWriter out)
      throws IOException {
    int perEpoch = ImageBatches.count(data.train(), optimizer.batchSize());
    PruningListener listener = pruning.listener(length, perEpoch);
    IUpdater updater = length.updater(optimizer, perEpoch);
    RecipeFile.checkFits(
        kind.title(), listener.config(), kind.build(data.format(), 0, updater, optimizer.l2()));
    Map<String, Object> settings = optimizer.settings();
    length.putInto(settings);
    settings.put("seed", run.seed());
    if (!augmentation.equals(Augmentation.NONE)) {
      settings.put("flip", augmentation.flip());
      settings.put("shift", augmentation.shift());
    }
    return new TrainingJob(
        kind,
        data,
        augmentation,
        listener,
        length.allEpochs(),
        optimizer.batchSize(),
        updater,
        optimizer.l2(),
        run.seed(),
        settings,
        run.folder(part),
        run.checkpoints(part, kind, data, listener, settings),
        out);
  }

  void run() throws IOException, TrainingFailedException {
    out.printf(
        Locale.ROOT,
        "%s on %s: %,d for training, %,d for validation, %,d for the test\n",
        kind.title(),
        data.origin(),
        data.train().size(),
        data.validation().size(),
        data.test().size());
    out.printf(Locale.ROOT, "%d epochs with Adam, once dense and once pruned\n\n", epochs);
    Saved denseRun;
    Saved prunedRun;
    try (Interruption hint =
        Interruption.say(
            "interrupted; both trainings until their last whole epoch are in "
                + checkpoints.folder()
                + ", and the same command with --resume goes on")) {
      denseRun = train(DENSE, PruningListener.fineTuning());
      prunedRun = train(PRUNED, pruning);
    }
    TrainingHistory denseHistory = denseRun.history();
    TrainingHistory prunedHistory = prunedRun.history();
    pruning.finish();

    // Nothing is written before both have ended, so that the files of a folder belong together.
    Outcome dense = outcome(DENSE_MODEL, denseRun.network(), denseHistory);
    Outcome pruned = outcome(PRUNED_MODEL, prunedRun.network(), prunedHistory);
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
    out.printf(Locale.ROOT, "models   %s, %s\n", dense.model(), pruned.model());
    out.printf(Locale.ROOT, "report   %s\n", json);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
  }

  /** The dense network has a listener too, one that changes nothing, so that it can be saved. */
  private Saved train(String task, PruningListener listener)
      throws IOException, TrainingFailedException {
    Optional<Saved> saved = checkpoints.load(task, listener);
    Saved start;
    if (saved.isPresent()) {
      start = saved.get();
      out.printf(
          Locale.ROOT, "%s: goes on after epoch %d\n", task, start.history().epochs().size());
    } else {
      start =
          new Saved(kind.build(data.format(), seed, updater.clone(), l2), new TrainingHistory());
      listener.attachTo(start.network());
    }
    new Trainer(data, augmentation, batchSize, seed, Optional.of(out))
        .train(task, start.network(), listener, epochs, start.history(), checkpoints);
    return start;
  }

  /** The test images are looked at here, once per network, when everything about it is decided. */
  private Outcome outcome(String name, Model network, TrainingHistory history) throws IOException {
    Path model = folder.write(name, file -> ModelSerializer.writeModel(network, file, false));
    double accuracy = Trainer.accuracy(network, data.test());
    return new Outcome(SparsityReport.of(network), accuracy, model, Files.size(model), history);
  }
}
