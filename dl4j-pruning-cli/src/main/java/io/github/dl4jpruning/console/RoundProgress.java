package io.github.dl4jpruning.console;

import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.PruningRound;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.DoubleFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of pruning in rounds: one bar for the dense training, and one for each round.
 */
public final class RoundProgress implements IterativePruningListener, AutoCloseable {

  private final int batches;
  private final PrintWriter out;
  private final String metric;
  private final DoubleFunction<String> format;

  /** Null between trainings. */
  private @Nullable Progress bar;

  private String message = "";

  /** Iterations of this epoch; none if the network that is trained has no listener. */
  private int steps;

  /**
   * Watches a network.
   *
   * @param batches batches in an epoch
   * @param out where lines go if there is no terminal
   * @param metric the name of the score
   * @param format writes a score
   */
  public RoundProgress(int batches, PrintWriter out, String metric, DoubleFunction<String> format) {
    this.batches = batches;
    this.out = out;
    this.metric = metric;
    this.format = format;
  }

  /**
   * Returns the listener that counts iterations.
   *
   * @return a listener for the network that is trained
   */
  public TrainingListener steps() {
    return new BaseTrainingListener() {
      @Override
      public void iterationDone(Model model, int iteration, int epoch) {
        if (bar != null) {
          steps++;
          bar.step(message);
        }
      }
    };
  }

  @Override
  public void onDenseStarted(int done, int epochs) {
    begin("dense", epochs, done);
  }

  @Override
  public void onDenseEpoch(int epoch, int epochs) {
    epochDone(String.format(Locale.ROOT, "epoch %d/%d", epoch, epochs));
  }

  @Override
  public void onDense(double score, double sparsity) {
    end();
    out.printf(Locale.ROOT, "dense: validation %s %s\n", metric, format.apply(score));
  }

  @Override
  public void onRoundStarted(int round, double target, int done, int epochs) {
    message = "";
    begin(String.format(Locale.ROOT, "round %d", round), epochs, done);
  }

  @Override
  public void onEpoch(EpochDone event) {
    epochDone(
        String.format(
            Locale.ROOT,
            "epoch %d/%d  sparsity %.2f%%  validation %s  %s left",
            event.epoch(),
            event.epochs(),
            100 * event.sparsity(),
            Double.isNaN(event.score()) ? "–" : format.apply(event.score()),
            Progress.clock(event.remaining())));
  }

  @Override
  public void onRound(PruningRound round) {
    end();
    out.printf(Locale.ROOT, "%s: %s\n", round.accepted() ? "accepted" : "taken back", round.note());
  }

  private void begin(String task, int epochs, int done) {
    bar = Progress.start(task, (long) epochs * batches, out);
    bar.skip((long) done * batches);
  }

  private void epochDone(String line) {
    message = line;
    if (bar != null) {
      bar.skip(Math.max(0, batches - steps));
      steps = 0;
      bar.epochDone(line);
    }
  }

  private void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    end();
  }
}
