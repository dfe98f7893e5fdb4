package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.charts.SweepChart;
import io.github.dl4jpruning.charts.SweepPage;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.Progress;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepResult.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tries settings and shows which lose the least score on the validation samples. The test samples
 * are not used: for a figure to report, prune along the best recipe.
 *
 * @param file the file of the model
 * @param scored the data
 * @param sweep all choices except the folder
 * @param length the length of training
 * @param maxScoreDrop what the best setting may lose
 * @param identity everything that decides the outcome
 * @param seed the seed for random choices of training, such as dropout
 * @param prepare what each thread does before it trains, such as limiting the threads of oneDNN
 * @param folder the folder for results
 * @param out where the job prints
 */
public record SweepJob(
    Path file,
    ScoredData scored,
    ScheduleSweep.Builder sweep,
    Length length,
    double maxScoreDrop,
    String identity,
    long seed,
    Runnable prepare,
    OutputFolder folder,
    PrintWriter out) {

  /** All runs. */
  public static final String TABLE = "sweep.csv";

  /** The Pareto front. */
  public static final String CHART = "pareto.png";

  /** The same, to point at. */
  public static final String PAGE = "sweep.html";

  /** The best setting. */
  public static final String RECIPE = "best.yaml";

  private static final double PERCENT = 100.0;

  /**
   * The length of training.
   *
   * @param settings the number of settings
   * @param denseEpochs epochs before pruning, trained once for all settings
   * @param epochs epochs of each run after that
   * @param perEpoch iterations in an epoch
   */
  public record Length(int settings, int denseEpochs, int epochs, int perEpoch) {
    /** Returns the iterations of a sweep whose settings train for this many epochs in total. */
    long iterations(int settingEpochs) {
      return (long) perEpoch * (denseEpochs + epochs + settingEpochs);
    }
  }

  /**
   * Runs the sweep.
   *
   * @param network the network; trained for the dense epochs
   * @param resume whether to go on with the runs in the folder
   * @throws IOException if a file cannot be read or written, or the runs are those of another sweep
   */
  public void run(Model network, boolean resume) throws IOException {
    out.printf(Locale.ROOT, "%d settings, and one run without pruning\n", length.settings());
    RunState state = new RunState(folder.path().resolve(RunState.NAME), identity);
    state.begin(file, resume);
    try (Interruption hint = state.hint()) {
      show(swept(network, state.folder()));
    }
  }

  private SweepResult swept(Model network, Path runs) throws IOException {
    long start = System.nanoTime();
    AtomicInteger trained = new AtomicInteger(); // epochs
    AtomicInteger planned = new AtomicInteger();
    ScheduleSweep made =
        sweep
            .directory(runs.resolve("runs"))
            .runName(identity)
            .onRun(
                (run, done, all) -> {
                  double share = (double) trained.addAndGet(run.epochs()) / planned.get();
                  tell(run, done, all, (System.nanoTime() - start) * (1.0 / share - 1.0));
                })
            .build();
    planned.set(length.epochs() + made.plannedEpochs());
    Nd4j.getRandom().setSeed(seed);
    return made.run(
        network,
        () -> {
          prepare.run();
          return scored.data().training();
        });
  }

  private void tell(Run run, int done, int all, double nanosLeft) {
    String score = scored.metric().format(run.score());
    out.printf(
        Locale.ROOT,
        "%4d/%d  %s  %s left\n",
        done,
        all,
        run.number() == 0
            ? "dense  validation " + score
            : String.format(
                Locale.ROOT,
                "%s  %s  sparsity %.2f%%  validation %s%s",
                run.schedule(),
                run.distribution(),
                PERCENT * run.sparsity(),
                score,
                run.stopped() ? "  stopped after " + run.epochs() + " epochs" : ""),
        Progress.clock(Duration.ofNanos((long) Math.max(0.0, nanosLeft))));
    out.flush();
  }

  private void show(SweepResult result) throws IOException {
    Metric metric = scored.metric();
    boolean percent = metric == Metric.ACCURACY;
    out.println();
    out.println("validation " + metric + (percent ? " as a fraction" : ""));
    out.println();
    out.println(result);
    int trained = result.runs().stream().mapToInt(Run::epochs).sum();
    long whole = length.iterations(length.settings() * length.epochs());
    out.printf(
        Locale.ROOT,
        "trained  %,d iterations, %.1f%% of the %,d for training all settings to the end\n",
        length.iterations(trained),
        PERCENT * length.iterations(trained) / whole,
        whole);
    String title = file.getFileName() + ", " + result.runs().size() + " settings";
    String score = "validation " + metric + (percent ? " (%)" : "");
    double scale = percent ? PERCENT : 1.0;
    Path table = write(TABLE, result.toCsv());
    Path chart = folder.write(CHART, to -> SweepChart.write(title, score, scale, result, to));
    Path page = folder.write(PAGE, to -> SweepPage.write(title, score, scale, result, to));
    out.printf(Locale.ROOT, "table    %s\n", table);
    out.printf(Locale.ROOT, "charts   %s, %s\n", chart, page);
    Optional<Run> best = result.best(maxScoreDrop);
    if (best.isEmpty()) {
      out.println("best     none: every run diverged");
      return;
    }
    Run run = best.get();
    Path recipe = write(RECIPE, run.setting().pruning().toYaml());
    double drop = result.drop(run);
    out.printf(
        Locale.ROOT,
        "best     run %d, %s: %s (for prune --recipe, --fine-tune-epochs %d%s)\n",
        run.number(),
        difference(drop, percent),
        recipe,
        length.epochs(),
        Double.isNaN(run.setting().learningRate())
            ? ""
            : ", --learning-rate " + run.setting().learningRate());
    out.flush();
  }

  private static String difference(double drop, boolean percent) {
    if (drop == 0) {
      return "as good as dense";
    }
    return (percent
            ? String.format(Locale.ROOT, "%.2f points ", PERCENT * Math.abs(drop))
            : String.format(Locale.ROOT, "%.4f ", Math.abs(drop)))
        + (drop > 0 ? "worse" : "better")
        + " than dense";
  }

  private Path write(String name, String text) throws IOException {
    return folder.write(name, to -> to.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
