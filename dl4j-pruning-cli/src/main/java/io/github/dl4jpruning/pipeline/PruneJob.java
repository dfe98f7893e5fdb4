package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.RoundProgress;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.iterative.IterativePruningResult;
import io.github.dl4jpruning.iterative.Retraining;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.oneshot.OneShotPruner;
import io.github.dl4jpruning.oneshot.OneShotResult;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.RoundsBuilder;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.structured.StructuredPruner;
import io.github.dl4jpruning.structured.StructuredPruningResult;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityScan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The whole way from a dense network to a small one: train, score, scan the layers, remove units,
 * remove weights, shrink. Each step is saved, so that a killed job goes on where it was.
 *
 * @param settings what to do
 * @param data the data
 * @param folder the folder for results
 * @param identity everything that decides the outcome, to tell runs apart
 * @param out where the job prints
 */
public record PruneJob(
    PruneSettings settings, PruneData data, OutputFolder folder, String identity, PrintWriter out) {

  private static final double MOST = 0.995;
  private static final double TOLERANCE = 0.01;
  private static final double[] SCANNED = {.5, .7, .8, .9, .95, .98};

  /** What the steps gave. */
  record Pruned(
      Model dense,
      Model network,
      Optional<SensitivityResult> scan,
      Optional<StructuredPruningResult<Model>> structured,
      Optional<IterativePruningResult> rounds,
      List<String> notes) {}

  /**
   * Runs all steps.
   *
   * @param network the network; changed
   * @param name its file
   * @param resume whether to go on with the state in the folder
   * @return the networks and what was measured on the way
   * @throws IOException if a file cannot be read or written, or the state is that of another run
   * @throws TrainingFailedException if a training diverged
   */
  Pruned run(Model network, Path name, boolean resume) throws IOException, TrainingFailedException {
    RunState state = new RunState(folder.path().resolve(RunState.NAME), identity);
    state.begin(name, resume);
    try (Interruption hint = state.hint()) {
      return steps(network, state.folder());
    }
  }

  private Pruned steps(Model given, Path state) throws IOException, TrainingFailedException {
    List<String> notes = new ArrayList<>();
    Model network = given;
    settings.training().learningRate().ifPresent(rate -> NetworkStore.setLearningRate(given, rate));
    if (settings.training().denseEpochs() > 0) {
      network = train("dense", given, PruningListener.fineTuning(), state);
      clear(network);
    }
    Model dense = NetworkMaker.copyOf(network);
    Optional<SensitivityResult> scan =
        settings.scan() ? Optional.of(scan(network)) : Optional.empty();
    Optional<StructuredPruningResult<Model>> structured = Optional.empty();
    if (settings.structured().isPresent()) {
      structured = Optional.of(structured(network, state));
      network = structured.get().network();
    }
    Optional<IterativePruningResult> rounds = Optional.empty();
    if (settings.sparsity().calibration().isPresent()) {
      network = atOnce(network);
      notes.add(
          "pruned without training, from "
              + settings.sparsity().calibration().getAsInt()
              + " training samples");
    } else if (settings.sparsity().recipe().isPresent()) {
      PruningListener pruning = PruningListener.of(settings.sparsity().recipe().get());
      network = train("pruned", network, pruning, state);
      pruning.finish();
    } else if (!settings.sparsity().none()) {
      rounds = Optional.of(rounds(network, dense, spent(structured), state));
    }
    clear(network);
    return new Pruned(dense, shrunk(network, notes), scan, structured, rounds, notes);
  }

  private static void clear(Model network) {
    if (network instanceof ComputationGraph graph) {
      graph.setListeners();
    } else {
      ((MultiLayerNetwork) network).setListeners();
    }
  }

  /** Each step begins with the same random numbers, whether the steps before ran now or earlier. */
  private void seed(int step) {
    Nd4j.getRandom().setSeed(settings.training().seed() + step);
  }

  private Model train(String task, Model network, PruningListener pruning, Path state)
      throws IOException, TrainingFailedException {
    boolean dense = task.equals("dense");
    seed(dense ? 1 : 4);
    PruneSettings.Training how = settings.training();
    SampleBatches batches = data.training();
    if (!dense) { // goes on with the order after the dense epochs, as a sweep does
      IntStream.range(0, how.denseEpochs()).forEach(epoch -> batches.reset());
    }
    return EpochTraining.of(
            task,
            state.resolve(task + ".zip"),
            dense ? how.denseEpochs() : how.epochs(),
            data,
            settings.metric(),
            out)
        .run(network, pruning, batches);
  }

  /** Prunes without training; the weights that stay make up for those that go. */
  private Model atOnce(Model network) throws TrainingFailedException {
    out.println("removing weights at once; those that stay make up for them");
    OneShotPruner pruner =
        OneShotPruner.builder()
            .sparsity(settings.sparsity().target().orElseThrow())
            .distribution(settings.sparsity().distribution())
            .addListener(
                (layer, done, all) -> {
                  out.printf(
                      Locale.ROOT,
                      "%d/%d  %s: %,d of %,d weights removed, %.1f s\n",
                      done,
                      all,
                      layer.layer(),
                      layer.removed(),
                      layer.weights(),
                      layer.millis() / 1e3);
                  out.flush();
                })
            .build();
    int samples = settings.sparsity().calibration().orElseThrow();
    OneShotResult<Model> result;
    try {
      result = pruner.prune(network, data.calibration(samples));
    } catch (IllegalStateException e) { // weights or inputs that are not finite
      throw new TrainingFailedException(String.valueOf(e.getMessage()), e);
    }
    out.println();
    out.println(result);
    return result.network();
  }

  private SensitivityResult scan(Model network) {
    seed(2);
    out.println("scan of the layers: each pruned alone, without fine-tuning");
    SensitivityResult result =
        SensitivityScan.builder()
            .sparsities(SCANNED)
            .scoreCalculator(data.scanned(settings.metric()))
            .build()
            .scan(network, data.training());
    out.println();
    out.println(result);
    out.flush();
    return result;
  }

  private <B extends RoundsBuilder<B>> B common(B pruner, Path folder, RoundProgress progress) {
    PruneSettings.Training training = settings.training();
    pruner
        .fineTuneEpochs(training.epochs())
        .scoreCalculator(data.validation(settings.metric()))
        .maxScoreDrop(settings.maxScoreDrop())
        .directory(folder)
        .runName(identity)
        .addListener(progress);
    if (training.distillation() > 0) {
      pruner.distillation(training.distillation(), 1.0);
      training.teacher().ifPresent(pruner::teacher);
    }
    return pruner;
  }

  private RoundProgress progress() {
    return new RoundProgress(
        data.training().count(), out, settings.metric().toString(), settings.metric()::format);
  }

  private StructuredPruningResult<Model> structured(Model network, Path state) throws IOException {
    seed(3);
    PruneSettings.Target target = settings.structured().orElseThrow();
    out.printf(
        Locale.ROOT,
        "removing units: down to %s of the %s\n",
        Percent.brief(target.fraction()),
        target.cost());
    try (RoundProgress progress = progress()) {
      StructuredPruner.Builder pruner =
          common(StructuredPruner.builder(), state.resolve("units"), progress)
              .rounds(settings.sparsity().rounds())
              .inputTypes(data.form().input());
      switch (target.cost()) {
        case PARAMETERS -> pruner.targetParameters(target.fraction());
        case MACS -> pruner.targetMacs(target.fraction());
        case LATENCY -> pruner.targetLatency(target.fraction());
      }
      StructuredPruningResult<Model> result = pruner.build().prune(network, data.training());
      out.println();
      out.println(result);
      return result;
    }
  }

  /** Returns how much of the allowed drop went with the units. */
  private static double spent(Optional<StructuredPruningResult<Model>> structured) {
    return structured.stream()
        .flatMap(
            result -> result.rounds().stream().filter(PruningRound::accepted).map(result::drop))
        .reduce(0.0, (earlier, later) -> Math.max(0.0, later));
  }

  private IterativePruningResult rounds(Model network, Model dense, double spent, Path state)
      throws IOException {
    seed(4);
    PruneSettings.Sparsity sparsity = settings.sparsity();
    out.println("removing weights in rounds");
    try (RoundProgress progress = progress()) {
      IterativePruner.Builder pruner =
          common(IterativePruner.builder(), state.resolve("rounds"), progress)
              .rampEpochs(settings.training().rampEpochs())
              .distribution(sparsity.distribution())
              .retraining(Retraining.fineTuning())
              .maxScoreDrop(Math.max(0.0, settings.maxScoreDrop() - spent));
      if (settings.training().distillation() > 0) {
        pruner.teacher(settings.training().teacher().orElse(dense));
      }
      if (sparsity.target().isPresent()) {
        pruner.geometric(sparsity.rounds(), sparsity.target().getAsDouble());
      } else {
        pruner.asSparseAsPossible(MOST, TOLERANCE);
      }
      if (network instanceof ComputationGraph graph) {
        graph.addListeners(progress.steps());
      } else {
        ((MultiLayerNetwork) network).addListeners(progress.steps());
      }
      IterativePruningResult result = pruner.build().prune(network, data.training());
      out.println();
      out.println(result);
      return result;
    }
  }

  /** Takes out units without weights. */
  private Model shrunk(Model network, List<String> notes) {
    try {
      NetworkShrinker.Shrunk<Model> shrunk = NetworkShrinker.builder().build().apply(network);
      if (shrunk.report().removed() == 0) {
        return network;
      }
      out.println(shrunk.report());
      return shrunk.network();
    } catch (IllegalArgumentException e) {
      notes.add("units without weights could not be taken out: " + e.getMessage());
      return network;
    }
  }
}
