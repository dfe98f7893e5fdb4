package io.github.dl4jpruning.examples.train;

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
 * A progress bar over the iterations of a run. On a terminal it moves in place; where the output
 * goes to a file or a pipe, it is a line for each epoch.
 */
public final class Progress implements AutoCloseable {

  private static final int LINE_WIDTH = 120;

  /** Null where nothing is shown. */
  private final @Nullable ProgressBar bar;

  private final boolean interactive;

  private Progress(@Nullable ProgressBar bar, boolean interactive) {
    this.bar = bar;
    this.interactive = interactive;
  }

  /**
   * Shows nothing.
   *
   * @return a bar that is not there
   */
  static Progress none() {
    return new Progress(null, false);
  }

  /**
   * Shows a bar.
   *
   * @param task what is going on, in a word or two
   * @param iterations how many there will be
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
      // Lines come from epochDone alone.
      builder
          .setUpdateIntervalMillis((int) Duration.ofDays(1).toMillis())
          .setConsumer(new DelegatingProgressBarConsumer(new Lines(out), LINE_WIDTH));
    }
    return new Progress(builder.build(), interactive);
  }

  /**
   * How long, as a clock shows it.
   *
   * @param duration how long
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

  void step(String message) {
    if (bar == null) {
      return;
    }
    bar.step();
    if (interactive) {
      bar.setExtraMessage(message);
    }
  }

  /** Iterations that were made before this run. */
  void skip(long iterations) {
    if (bar != null) {
      bar.stepBy(iterations);
    }
  }

  void epochDone(String message) {
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

  /** Lines on a writer; the bar shows its last state again when it is closed. */
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
