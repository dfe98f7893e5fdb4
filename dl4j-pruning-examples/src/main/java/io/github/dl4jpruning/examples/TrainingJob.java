package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.ExampleNetwork;
import io.github.dl4jpruning.examples.report.PruningChart;
import io.github.dl4jpruning.examples.report.RunReport;
import io.github.dl4jpruning.examples.report.RunReport.Outcome;
import io.github.dl4jpruning.examples.train.Checkpoints;
import io.github.dl4jpruning.examples.train.Checkpoints.Saved;
import io.github.dl4jpruning.examples.train.Trainer;
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
 * Trains a network dense and pruned, from the same initial weights on the same batches for the same
 * number of epochs, and compares the two.
 *
 * @param kind the network
 * @param data the images
 * @param augmentation how the training images are changed
 * @param pruning the listener for the pruned network
 * @param epochs the number of epochs
 * @param batchSize images per iteration
 * @param updater the updater of both networks
 * @param l2 the L2 regularisation of both networks
 * @param seed the seed for weights and batches
 * @param settings the chosen settings by option, for the report
 * @param folder the folder for results
 * @param checkpoints where the job saves after each epoch, and resumes from
 * @param out where the job prints
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

  /** The two trainings, by the names of their checkpoints. */
  static final List<String> TASKS = List.of(DENSE, PRUNED);

  /**
   * Creates the job that the options describe. Bad input is refused here, before any existing file
   * is touched.
   *
   * @param part the subfolder for the results; null for the results folder itself
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
            "interrupted; both trainings up to their last whole epoch are in "
                + checkpoints.folder()
                + "; the same command with --resume continues")) {
      denseRun = train(DENSE, PruningListener.fineTuning());
      prunedRun = train(PRUNED, pruning);
    }
    TrainingHistory denseHistory = denseRun.history();
    TrainingHistory prunedHistory = prunedRun.history();
    pruning.finish();

    // Nothing is written before both trainings end, so that the files of a folder belong together.
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
                    kind.title() + ", pruned during training", denseHistory, prunedHistory, file));
    out.println();
    out.println(report);
    out.printf(Locale.ROOT, "models   %s, %s\n", dense.model(), pruned.model());
    out.printf(Locale.ROOT, "report   %s\n", json);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
  }

  /**
   * Trains a network. The dense network also has a listener, which prunes nothing, so that it can
   * be saved.
   */
  private Saved train(String task, PruningListener listener)
      throws IOException, TrainingFailedException {
    Optional<Saved> saved = checkpoints.load(task, listener);
    Saved start;
    if (saved.isPresent()) {
      start = saved.get();
      out.printf(
          Locale.ROOT, "%s: resumed after epoch %d\n", task, start.history().epochs().size());
    } else {
      start =
          new Saved(kind.build(data.format(), seed, updater.clone(), l2), new TrainingHistory());
      listener.attachTo(start.network());
    }
    new Trainer(data, augmentation, batchSize, seed, Optional.of(out))
        .train(task, start.network(), listener, epochs, start.history(), checkpoints);
    return start;
  }

  /**
   * Evaluates a network. The test images are used only here, once per network, after all choices
   * are made.
   */
  private Outcome outcome(String name, Model network, TrainingHistory history) throws IOException {
    Path model = folder.write(name, file -> ModelSerializer.writeModel(network, file, false));
    double accuracy = Trainer.accuracy(network, data.test());
    return new Outcome(SparsityReport.of(network), accuracy, model, Files.size(model), history);
  }
}
