package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.charts.SweepChart;
import io.github.dl4jpruning.charts.SweepPage;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.Progress;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepResult.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Tries settings and shows which lose the least accuracy. The test images are not used: for the
 * test accuracy, train with the best recipe.
 *
 * @param basic the network to train, and its images
 * @param data the digits
 * @param sweep all choices except the folder
 * @param count the number of settings
 * @param length the length of training
 * @param maxScoreDrop the accuracy that the best setting may lose
 * @param seed the seed for weights and batches
 * @param folder the folder for results
 * @param out where the job prints
 */
record SweepJob(
    MnistOptions basic,
    ImageData data,
    ScheduleSweep.Builder sweep,
    int count,
    Length length,
    double maxScoreDrop,
    long seed,
    OutputFolder folder,
    PrintWriter out) {

  static final String TABLE = "sweep.csv";
  static final String CHART = "pareto.png";
  static final String PAGE = "sweep.html";
  static final String RECIPE = "best.yaml";

  private static final String RUNS = "runs";
  private static final String SCORE = "validation accuracy (%)";

  /**
   * The length of training.
   *
   * @param denseEpochs epochs before pruning, trained once for all settings
   * @param epochs epochs of each run after that
   * @param perEpoch iterations in an epoch
   */
  record Length(int denseEpochs, int epochs, int perEpoch) {
    /** Returns the iterations of a sweep whose settings train for this many epochs in total. */
    long iterations(int settingEpochs) {
      return (long) perEpoch * (denseEpochs + epochs + settingEpochs);
    }
  }

  void run(boolean resume) throws IOException {
    out.printf(
        Locale.ROOT,
        "%s on %s: %,d for training, %,d for validation; %d settings, and one run without"
            + " pruning\n",
        basic.network().title(),
        data.origin(),
        data.train().size(),
        data.validation().size(),
        count);
    Path runs = folder.path().resolve(RUNS);
    if (!resume) {
      forget(runs);
    }
    show(swept(runs));
  }

  private SweepResult swept(Path runs) throws IOException {
    long start = System.nanoTime();
    AtomicInteger trained = new AtomicInteger(); // epochs
    AtomicInteger planned = new AtomicInteger();
    try (Interruption hint =
        Interruption.say(
            "interrupted; the finished runs are in "
                + runs
                + "; the same command with --resume continues")) {
      ScheduleSweep made =
          sweep
              .directory(runs)
              .runName(basic.runName(data, seed))
              .onRun(
                  (run, done, all) -> {
                    double share = (double) trained.addAndGet(run.epochs()) / planned.get();
                    tell(run, done, all, (System.nanoTime() - start) * (1.0 / share - 1.0));
                  })
              .build();
      planned.set(length.epochs() + made.plannedEpochs());
      return made.run(
          basic.build(data, seed, new Adam(basic.learningRate())),
          () -> {
            basic.limitThreads(); // oneDNN's limit holds for each thread; this one trains
            return ImageBatches.shuffled(data.train(), basic.batchSize(), seed);
          });
    }
  }

  private static void forget(Path runs) throws IOException {
    if (Files.isDirectory(runs)) {
      try (Stream<Path> files = Files.list(runs)) {
        for (Path file : files.toList()) {
          if (file.getFileName()
              .toString()
              .matches("(run-.*|dense|sweep-.*)\\.(json|zip|txt|tmp)")) {
            Files.delete(file);
          }
        }
      }
    }
  }

  private void tell(Run run, int done, int all, double nanosLeft) {
    out.printf(
        Locale.ROOT,
        "%4d/%d  %s  %s left\n",
        done,
        all,
        run.number() == 0
            ? String.format(Locale.ROOT, "dense  validation %.2f%%", 100 * run.score())
            : String.format(
                Locale.ROOT,
                "%s  %s  sparsity %.2f%%  validation %.2f%%%s",
                run.schedule(),
                run.distribution(),
                100 * run.sparsity(),
                100 * run.score(),
                run.stopped() ? "  stopped after " + run.epochs() + " epochs" : ""),
        Progress.clock(Duration.ofNanos((long) Math.max(0.0, nanosLeft))));
    out.flush();
  }

  private void show(SweepResult result) throws IOException {
    out.println();
    out.println("validation accuracy as a fraction");
    out.println();
    out.println(result);
    int trained = result.runs().stream().mapToInt(Run::epochs).sum();
    long whole = length.iterations(count * length.epochs());
    out.printf(
        Locale.ROOT,
        "trained  %,d iterations, %.1f%% of the %,d for training all settings to the end\n",
        length.iterations(trained),
        100.0 * length.iterations(trained) / whole,
        whole);
    String title = basic.network().title() + ", " + result.runs().size() + " settings";
    Path table = write(TABLE, result.toCsv());
    Path chart = folder.write(CHART, file -> SweepChart.write(title, SCORE, 100.0, result, file));
    Path page = folder.write(PAGE, file -> SweepPage.write(title, SCORE, 100.0, result, file));
    Optional<Run> best = result.best(maxScoreDrop);
    out.printf(Locale.ROOT, "table    %s\n", table);
    out.printf(Locale.ROOT, "charts   %s, %s\n", chart, page);
    if (best.isPresent()) {
      Run run = best.get();
      Path recipe = write(RECIPE, run.setting().pruning().toYaml());
      out.printf(
          Locale.ROOT,
          "best     run %d, %.2f points %s than dense: %s (for mnist --recipe%s)\n",
          run.number(),
          Math.abs(100 * result.drop(run)),
          result.drop(run) > 0 ? "worse" : "better",
          recipe,
          Double.isNaN(run.setting().learningRate())
              ? ""
              : ", trained at a rate of " + run.setting().learningRate());
    } else {
      out.println("best     none: every run diverged");
    }
  }

  private Path write(String name, String text) throws IOException {
    return folder.write(name, file -> file.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
