package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.cli.CompressCommand;
import io.github.dl4jpruning.cli.EvaluateCommand;
import io.github.dl4jpruning.cli.ExportCommand;
import io.github.dl4jpruning.cli.InspectCommand;
import io.github.dl4jpruning.cli.OneShotCommand;
import io.github.dl4jpruning.cli.Program;
import io.github.dl4jpruning.cli.PruneCommand;
import io.github.dl4jpruning.cli.ScheduleCommand;
import io.github.dl4jpruning.cli.SensitivityCommand;
import io.github.dl4jpruning.cli.ShrinkCommand;
import io.github.dl4jpruning.cli.SweepCommand;
import io.github.dl4jpruning.console.Console;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of all jobs, such as {@code mnist}. */
@Command(
    name = "dl4j-pruning",
    description = "Prune networks while they train, and see what it costs.",
    synopsisSubcommandLabel = "JOB",
    mixinStandardHelpOptions = true,
    version = "dl4j-pruning 0.1.0",
    subcommands = {
      MnistCommand.class,
      SparkCommand.class,
      DigitsCommand.class,
      Cifar10Command.class,
      IterativeCommand.class,
      SensitivityCommand.class,
      OneShotCommand.class,
      SweepCommand.class,
      CompareCommand.class,
      ScheduleCommand.class,
      ShrinkCommand.class,
      CompressCommand.class,
      ExportCommand.class,
      PruneCommand.class,
      InspectCommand.class,
      EvaluateCommand.class
    })
public final class Main {

  private Main() {}

  /**
   * Runs a job and ends the process with its exit code: 0 for success, 2 for bad input, 1 for a bug
   * in the program.
   *
   * @param args the name of the job and its options
   */
  public static void main(String[] args) {
    Program.prepare();
    System.exit(run(new Console(System.out), new Console(System.err), args));
  }

  /** Runs a job, and reports bad input as one line on {@code err}. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return Program.run(new CommandLine(new Main()), out, err, args);
  }
}
