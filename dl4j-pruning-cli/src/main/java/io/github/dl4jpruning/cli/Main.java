package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.Console;
import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code dl4j-pruning}. */
@Command(
    name = "dl4j-pruning",
    description = "Makes trained networks small and fast, from a model and data to a report.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "dl4j-pruning 0.1.0",
    subcommands = {
      PruneCommand.class,
      InspectCommand.class,
      EvaluateCommand.class,
      SensitivityCommand.class,
      OneShotCommand.class,
      SweepCommand.class,
      ScheduleCommand.class,
      ShrinkCommand.class,
      CompressCommand.class,
      ExportCommand.class,
      AutoComplete.GenerateCompletion.class
    })
public final class Main {

  private Main() {}

  /**
   * Runs a command and ends the process with its exit code: 0 for success, 2 for bad input, 1 for a
   * bug in the program.
   *
   * @param args the name of the command and its options
   */
  public static void main(String[] args) {
    Program.prepare();
    System.exit(run(new Console(System.out), new Console(System.err), args));
  }

  static int run(PrintWriter out, PrintWriter err, String... args) {
    return Program.run(new CommandLine(new Main()), out, err, args);
  }
}
