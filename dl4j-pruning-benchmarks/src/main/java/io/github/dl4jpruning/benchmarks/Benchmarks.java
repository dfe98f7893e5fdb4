package io.github.dl4jpruning.benchmarks;

import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs JMH and shows the counters of each benchmark as one measurement per iteration, not as events
 * to be added up.
 */
public final class Benchmarks {

  private Benchmarks() {}

  /**
   * Runs the benchmarks that are selected by JMH's own options.
   *
   * @param args options of JMH
   * @throws CommandLineOptionException if the options are invalid
   * @throws RunnerException if a benchmark fails
   */
  public static void main(String[] args) throws CommandLineOptionException, RunnerException {
    for (RunResult result : new Runner(new CommandLineOptions(args)).run()) {
      System.out.printf(Locale.ROOT, "\n%s\n", title(result.getParams()));
      System.out.printf(
          Locale.ROOT, "| %-22s | %12s | %12s | %12s |\n", "", "median", "least", "most");
      System.out.println("| --- | ---: | ---: | ---: |");
      for (Result<?> counter : result.getSecondaryResults().values()) {
        Statistics values = counter.getStatistics();
        System.out.printf(
            Locale.ROOT,
            "| %-22s | %,12.2f | %,12.2f | %,12.2f |\n",
            counter.getLabel(),
            values.getPercentile(50),
            values.getMin(),
            values.getMax());
      }
    }
  }

  private static String title(BenchmarkParams params) {
    StringBuilder title = new StringBuilder(params.getBenchmark());
    for (String key : params.getParamsKeys()) {
      title.append(' ').append(key).append('=').append(params.getParam(key));
    }
    return title.toString();
  }
}
