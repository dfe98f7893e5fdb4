package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import io.github.dl4jpruning.tune.SweepTraining.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains the runs of a sweep from rung to rung, on several threads. Runs are ranked only after all
 * of them have reached the rung, so the result does not depend on the number of threads.
 */
final class SweepRace {

  private final SweepChoices choices;
  private final SweepStore store;
  private final SweepPauses pauses;
  private final SweepTraining training;

  /** The finished runs by number; guarded by itself. */
  private final Map<Integer, Run> done = new TreeMap<>();

  /**
   * A run at a rung.
   *
   * @param run the run so far, with its score
   * @param rank the score by which it is ranked; NaN if it diverged
   */
  record Standing(Run run, double rank) {}

  /** Processes the run with the given number. */
  @FunctionalInterface
  private interface Step<T> {
    T of(int number) throws IOException;
  }

  SweepRace(SweepChoices choices, SweepStore store, SweepPauses pauses, SweepTraining training) {
    this.choices = choices;
    this.store = store;
    this.pauses = pauses;
    this.training = training;
  }

  /**
   * Trains all runs.
   *
   * @return all runs by number; 0 is the run without pruning
   */
  List<Run> run() throws IOException {
    ExecutorService executor = Executors.newFixedThreadPool(choices.threads());
    try {
      Future<Run> dense = executor.submit(() -> toTheEnd(0, 0));
      List<Integer> alive = IntStream.rangeClosed(1, choices.settings().size()).boxed().toList();
      int from = 0;
      for (int rung : rungs()) {
        List<Setting> settings =
            alive.stream().map(choices::setting).flatMap(Optional::stream).toList();
        if (SweepHalving.compete(settings)) {
          int before = from;
          alive = chosen(rung, all(executor, alive, number -> toRung(number, before, rung)));
          from = rung;
        }
      }
      int last = from;
      all(executor, alive, number -> toTheEnd(number, last));
      dense.get();
      return List.copyOf(done.values());
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      training.cancel();
      executor.shutdownNow();
      awaitEnd(executor);
    }
  }

  private static <T> List<T> all(ExecutorService executor, List<Integer> numbers, Step<T> step)
      throws ExecutionException, InterruptedException {
    List<Future<T>> futures = new ArrayList<>();
    for (int number : numbers) {
      futures.add(executor.submit(() -> step.of(number)));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get());
    }
    return results;
  }

  private List<Integer> rungs() {
    return choices.halving().map(by -> by.rungs(choices.epochs())).orElse(List.of());
  }

  private Standing toRung(int number, int from, int rung) throws IOException {
    Standing standing = store.readStanding(number, choices.setting(number), rung);
    if (standing == null) {
      Outcome outcome = training.train(number, choices.setting(number), from, rung);
      if (!outcome.diverged()) {
        pauses.pause(
            number,
            rung,
            outcome.trained()); // before scoring: a calculator may draw random numbers
      }
      double rank =
          outcome.diverged()
              ? Double.NaN
              : SweepTraining.score(choices.rankedBy(), outcome.trained().network());
      standing = new Standing(run(number, outcome), rank);
      store.write(standing, rung); // the previous rung is no longer needed
    }
    pauses.forget(number, from);
    return standing;
  }

  private Run toTheEnd(int number, int from) throws IOException {
    Run run = store.read(number, choices.setting(number));
    if (run == null) {
      run = run(number, training.train(number, choices.setting(number), from, choices.epochs()));
      store.write(run);
    }
    pauses.forget(number, from);
    tell(run);
    return run;
  }

  private Run run(int number, Outcome outcome) {
    SparsityReport report = SparsityReport.of(outcome.trained().network());
    double score =
        outcome.diverged()
            ? Double.NaN
            : SweepTraining.score(choices.calculators(), outcome.trained().network());
    return new Run(
        number,
        choices.setting(number),
        report.nonZeros(),
        report.sparsity(),
        score,
        outcome.epochs(),
        false);
  }

  /** Ends the runs that are stopped, and returns the numbers of those that continue. */
  private List<Integer> chosen(int rung, List<Standing> standings) throws IOException {
    double sign = choices.rankedBy().get().minimizeScore() ? 1.0 : -1.0;
    List<Standing> sound = standings.stream().filter(s -> !Double.isNaN(s.run().score())).toList();
    List<Standing> best =
        choices
            .halving()
            .orElseThrow() // there are no rungs without it
            .goOn(sound, s -> s.run().setting(), standing -> sign * standing.rank());
    for (Standing standing : standings) {
      if (!best.contains(standing)) {
        Run run = standing.run();
        pauses.forget(run.number(), rung);
        tell(sound.contains(standing) ? run.asStopped() : run);
      }
    }
    return best.stream().map(standing -> standing.run().number()).toList();
  }

  private void tell(Run run) {
    synchronized (done) {
      done.put(run.number(), run);
      choices.listener().onRun(run, done.size(), choices.settings().size() + 1);
    }
  }

  /**
   * Waits until running threads have finished their epoch, so that nothing is trained or written
   * later.
   */
  private static void awaitEnd(ExecutorService executor) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = executor.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static IOException rethrown(@Nullable Throwable cause) throws IOException {
    if (cause instanceof IOException io) {
      return io;
    } else if (cause instanceof RuntimeException runtime) {
      throw runtime;
    } else if (cause instanceof Error error) {
      throw error;
    }
    return new IOException(cause);
  }
}
