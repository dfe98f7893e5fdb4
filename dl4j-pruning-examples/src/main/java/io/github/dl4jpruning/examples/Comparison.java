package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.report.ComparisonChart;
import io.github.dl4jpruning.examples.report.Spread;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.examples.train.TrainingHistory;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Trains a network with every recipe, at every sparsity, from every seed, and dense from every
 * seed. Runs are not selected: all are shown.
 *
 * @param basic the network to train
 * @param length the length of training
 * @param data the digits
 * @param methods recipes by name
 * @param sparsities peaks that replace those of the recipes
 * @param seeds the number of runs of each kind
 * @param jobs the number of runs in parallel
 * @param folder the folder for results
 */
record Comparison(
    MnistOptions basic,
    LengthOptions length,
    ImageData data,
    Map<String, PruningConfig> methods,
    List<Double> sparsities,
    int seeds,
    int jobs,
    OutputFolder folder) {

  static final String TABLE = "comparison.csv";
  static final String CHART = "comparison.png";

  private static final String DENSE = "dense";

  /** A trained network. */
  private record Run(
      String method,
      double sparsity,
      int seed,
      double reached,
      double validationAccuracy,
      double testAccuracy) {}

  void run(PrintWriter out) throws IOException, TrainingFailedException {
    List<Future<Run>> futures = new ArrayList<>();
    int count = seeds * (1 + methods.size() * sparsities.size());
    out.printf(
        Locale.ROOT,
        "%s on %s: %d recipes, %d sparsities, %d seeds: %d runs\n",
        basic.network().title(),
        data.origin(),
        methods.size(),
        sparsities.size(),
        seeds,
        count);
    AtomicInteger done = new AtomicInteger();
    ExecutorService executor = Executors.newFixedThreadPool(jobs);
    List<Run> runs = new ArrayList<>();
    try {
      for (int seed = 1; seed <= seeds; seed++) {
        int own = seed;
        futures.add(
            executor.submit(() -> trained(DENSE, Optional.empty(), 0.0, own, out, done, count)));
        for (double sparsity : sparsities) {
          methods.forEach(
              (name, config) ->
                  futures.add(
                      executor.submit(
                          () ->
                              trained(
                                  name, Optional.of(config), sparsity, own, out, done, count))));
        }
      }
      for (Future<Run> future : futures) {
        runs.add(future.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TrainingFailedException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      executor.shutdownNow();
    }
    show(runs, out);
  }

  private Run trained(
      String method,
      Optional<PruningConfig> config,
      double sparsity,
      int seed,
      PrintWriter out,
      AtomicInteger done,
      int count)
      throws TrainingFailedException {
    basic.limitThreads(); // oneDNN has a separate limit for each of our threads
    int perEpoch = ImageBatches.count(data.train(), basic.batchSize());
    MultiLayerNetwork network = basic.build(data, seed, length.updater(basic, perEpoch));
    Optional<PruningListener> pruning =
        config.map(chosen -> PruningListener.of(RecipeFile.withFinalSparsity(chosen, sparsity)));
    pruning.ifPresent(listener -> listener.attachTo(network));
    TrainingHistory history =
        new Trainer(data, Augmentation.NONE, basic.batchSize(), seed, Optional.empty())
            .train(method, network, pruning, length.allEpochs());
    Run run =
        new Run(
            method,
            sparsity,
            seed,
            SparsityReport.of(network).sparsity(),
            history.last().validationAccuracy(),
            Trainer.accuracy(network, data.test()));
    synchronized (out) {
      out.printf(
          Locale.ROOT,
          "%4d/%d  %-24s seed %d  sparsity %.2f%%  validation %.2f%%\n",
          done.incrementAndGet(),
          count,
          method,
          seed,
          100 * run.reached(),
          100 * run.validationAccuracy());
      out.flush();
    }
    return run;
  }

  private void show(List<Run> runs, PrintWriter out) throws IOException {
    out.println();
    out.println("validation accuracy in percent, mean ± standard deviation over the seeds");
    out.println();
    out.println(table(runs, Run::validationAccuracy));
    out.println("test accuracy in percent, mean ± standard deviation over the seeds");
    out.println();
    out.println(table(runs, Run::testAccuracy));
    StringBuilder csv =
        new StringBuilder("recipe,finalSparsity,seed,sparsity,validationAccuracy,testAccuracy\n");
    for (Run run : runs) {
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%d,%.6f,%.4f,%.4f\n",
              run.method(),
              run.sparsity(),
              run.seed(),
              run.reached(),
              run.validationAccuracy(),
              run.testAccuracy()));
    }
    Path table =
        folder.write(TABLE, file -> file.write(csv.toString().getBytes(StandardCharsets.UTF_8)));
    Path chart =
        folder.write(
            CHART,
            file ->
                ComparisonChart.write(
                    basic.network().title() + ": validation accuracy over " + seeds + " seeds",
                    names(runs),
                    sparsities,
                    (name, sparsity) -> spread(runs, name, sparsity, Run::validationAccuracy),
                    file));
    out.printf(Locale.ROOT, "table    %s\n", table);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
  }

  private static List<String> names(List<Run> runs) {
    return runs.stream().map(Run::method).distinct().toList();
  }

  private String table(List<Run> runs, ToDoubleFunction<Run> accuracy) {
    List<String> header = new ArrayList<>(List.of("recipe"));
    sparsities.forEach(s -> header.add(String.format(Locale.ROOT, "%.4g%%", 100 * s)));
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (String name : names(runs)) {
      List<String> row = new ArrayList<>(List.of(name));
      sparsities.forEach(s -> row.add(spread(runs, name, s, accuracy).percent()));
      table.row(row.toArray(String[]::new));
    }
    return table.toString();
  }

  private static Spread spread(
      List<Run> runs, String name, double sparsity, ToDoubleFunction<Run> accuracy) {
    return Spread.of(
        runs.stream()
            .filter(run -> run.method().equals(name))
            .filter(run -> name.equals(DENSE) || run.sparsity() == sparsity)
            .mapToDouble(accuracy)
            .toArray());
  }
}
