package io.github.dl4jpruning.console;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/**
 * A progress bar over the iterations of a run. On a terminal it is updated in place; in a file or a
 * pipe it is one line per epoch.
 */
public final class Progress implements AutoCloseable {

  private static final int LINE_WIDTH = 120;

  /** Null if nothing is shown. */
  private final @Nullable ProgressBar bar;

  private final boolean interactive;

  private Progress(@Nullable ProgressBar bar, boolean interactive) {
    this.bar = bar;
    this.interactive = interactive;
  }

  /**
   * Returns a progress bar that shows nothing.
   *
   * @return the invisible bar
   */
  public static Progress none() {
    return new Progress(null, false);
  }

  /**
   * Shows a progress bar.
   *
   * @param task the name of the task, in a word or two
   * @param iterations the number of iterations to come
   * @param out where lines go if there is no terminal
   * @return the bar, at 0
   */
  public static Progress start(String task, long iterations, PrintWriter out) {
    boolean interactive = Ansi.AUTO.enabled();
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(iterations)
            .setStyle(ProgressBarStyle.ASCII);
    if (interactive) {
      builder.setUpdateIntervalMillis(200);
    } else {
      // Lines come only from epochDone.
      builder
          .setUpdateIntervalMillis((int) Duration.ofDays(1).toMillis())
          .setConsumer(new DelegatingProgressBarConsumer(new Lines(out), LINE_WIDTH));
    }
    return new Progress(builder.build(), interactive);
  }

  /**
   * Formats a duration like a clock.
   *
   * @param duration the duration
   * @return hours, minutes and seconds
   */
  public static String clock(Duration duration) {
    return String.format(
        Locale.ROOT,
        "%d:%02d:%02d",
        duration.toHours(),
        duration.toMinutesPart(),
        duration.toSecondsPart());
  }

  /**
   * Counts an iteration.
   *
   * @param message what else to show on a terminal
   */
  public void step(String message) {
    if (bar == null) {
      return;
    }
    bar.step();
    if (interactive) {
      bar.setExtraMessage(message);
    }
  }

  /**
   * Skips iterations that were made before this run.
   *
   * @param iterations their number
   */
  public void skip(long iterations) {
    if (bar != null) {
      bar.stepBy(iterations);
    }
  }

  /**
   * Ends an epoch: in a file or a pipe, this writes a line.
   *
   * @param message what the line says
   */
  public void epochDone(String message) {
    if (bar == null) {
      return;
    }
    bar.setExtraMessage(message);
    if (!interactive) {
      bar.refresh();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /**
   * Writes lines, but not the same line twice: a bar shows its last state again when it is closed.
   */
  private static final class Lines implements Consumer<String> {
    private final PrintWriter out;
    private String last = "";

    Lines(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void accept(String line) {
      if (!line.equals(last)) {
        out.println(line);
      }
      last = line;
    }
  }
}
