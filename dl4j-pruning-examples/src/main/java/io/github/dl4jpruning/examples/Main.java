package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.cli.EvaluateCommand;
import io.github.dl4jpruning.cli.InspectCommand;
import io.github.dl4jpruning.examples.report.JobFolders;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import org.deeplearning4j.config.DL4JSystemProperties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.TypeConversionException;

/** The entry point of all jobs, such as {@code mnist}. */
@Command(
    name = "dl4j-pruning",
    description = "Prune networks while they train, and see what it costs.",
    synopsisSubcommandLabel = "JOB",
    mixinStandardHelpOptions = true,
    version = "dl4j-pruning 0.1.0",
    subcommands = {
      MnistCommand.class,
      Cifar10Command.class,
      IterativeCommand.class,
      SensitivityCommand.class,
      SweepCommand.class,
      CompareCommand.class,
      ScheduleCommand.class,
      ShrinkCommand.class,
      CompressCommand.class,
      ExportCommand.class,
      InspectCommand.class,
      EvaluateCommand.class
    })
public final class Main {

  /** Exit code for bad input. */
  static final int BAD_INPUT = 2;

  private Main() {}

  /**
   * Runs a job and ends the process with its exit code: 0 for success, 2 for bad input, 1 for a bug
   * in the program.
   *
   * @param args the name of the job and its options
   */
  public static void main(String[] args) {
    // ND4J announces its backend on start-up, whatever the log level.
    System.setProperty("org.nd4j.log.initialization", "false");
    System.setProperty("java.awt.headless", "true");
    // Our own code names its locale; the progress bar knows only the default one.
    Locale.setDefault(Locale.ROOT);
    System.exit(run(new Console(System.out), new Console(System.err), args));
  }

  /**
   * Turns on oneDNN for DL4J's layers. This must happen before they are created, and they need
   * {@link org.nd4j.nativeblas.Nd4jCpu} to find it.
   */
  private static void useOneDnn() {
    if (System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY) == null) {
      System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "false");
    }
  }

  /** Runs a job, and reports bad input as one line on {@code err}. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    useOneDnn();
    CommandLine commands = new CommandLine(new Main());
    commands.setOut(out).setErr(err);
    commands.registerConverter(
        PointInTraining.class,
        text -> {
          try {
            return PointInTraining.parse(text);
          } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
          }
        });
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setUsageHelpAutoWidth(false).setUsageHelpWidth(100);
    IParameterExceptionHandler badOption =
        (e, given) -> {
          String job = e.getCommandLine().getCommandSpec().qualifiedName();
          return refuse(err, e.getMessage() + " (see " + job + " --help)");
        };
    IExecutionExceptionHandler failure =
        (thrown, command, parsed) -> {
          Exception e = thrown instanceof UncheckedIOException io ? io.getCause() : thrown;
          if (e instanceof FileSystemException file) {
            return refuse(err, message(file));
          }
          if (e instanceof IOException || e instanceof TrainingFailedException) {
            return refuse(err, String.valueOf(e.getMessage()));
          }
          throw thrown;
        };
    try {
      return commands
          .setParameterExceptionHandler(badOption)
          .setExecutionExceptionHandler(failure)
          .execute(args);
    } finally {
      JobFolders.release();
    }
  }

  /** Java's own message says little more than the name of the file. */
  private static String message(FileSystemException e) {
    return e.getFile()
        + ": expected to read or write it, but found "
        + e.getClass().getSimpleName()
        + (e.getReason() == null ? "" : ": " + e.getReason());
  }

  private static int refuse(PrintWriter err, String message) {
    err.println("error: " + message.replaceAll("\\s*\\R\\s*", " "));
    return BAD_INPUT;
  }
}
