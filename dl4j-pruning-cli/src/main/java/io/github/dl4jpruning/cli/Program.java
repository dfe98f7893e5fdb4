package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.JobFolders;
import io.github.dl4jpruning.console.TrainingFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import org.deeplearning4j.config.DL4JSystemProperties;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.TypeConversionException;

/** Runs a program of commands: bad input is one line on standard error and exit code 2. */
public final class Program {

  /** Exit code for bad input. */
  public static final int BAD_INPUT = 2;

  private Program() {}

  /** Prepares a process before DL4J is loaded. */
  public static void prepare() {
    // ND4J announces its backend on start-up, whatever the log level.
    System.setProperty("org.nd4j.log.initialization", "false");
    System.setProperty("java.awt.headless", "true");
    // Our own code names its locale; the progress bar knows only the default one.
    Locale.setDefault(Locale.ROOT);
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

  /**
   * Runs a command.
   *
   * @param commands the program
   * @param out where commands print
   * @param err where errors go
   * @param args the name of the command and its options
   * @return 0 for success, 2 for bad input, 1 for a bug in the program
   */
  public static int run(CommandLine commands, PrintWriter out, PrintWriter err, String... args) {
    useOneDnn();
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
    } catch (OutOfMemoryError e) {
      return refuse(
          err,
          "expected more memory (" + e.getMessage() + "); java -Xmx8g gives 8 GB, for instance");
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
