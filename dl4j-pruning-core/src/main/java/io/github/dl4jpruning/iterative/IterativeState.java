package io.github.dl4jpruning.iterative;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.RoundPlan;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;

/** The state of an {@link IterativeRun}: everything that must be saved to resume it. */
final class IterativeState {

  /**
   * The sparsity schedule of one round.
   *
   * @param from the sparsity before the round
   * @param to the target of the round
   * @param begin first iteration of the ramp
   * @param end last iteration of the ramp; {@code begin} to prune at once
   */
  record Ramp(double from, double to, int begin, int end) {
    static final Ramp NONE = new Ramp(0.0, 0.0, 0, 0);

    ISchedule schedule() {
      return end > begin
          ? SparsitySchedules.polynomial(from, to, begin, end)
          : SparsitySchedules.constant(to);
    }
  }

  /**
   * A saved network.
   *
   * @param snapshot its bits
   * @param masks its masks
   * @param ramp the schedule of its listener
   * @param file its file; null if it is only in memory
   */
  record Saved(NetworkSnapshot snapshot, List<Mask> masks, Ramp ramp, @Nullable String file) {}

  /** How often the data was reset. */
  int resets;

  int denseEpochs;

  /** DL4J's count of iterations before anything was trained here. */
  int startIteration;

  double startSparsity = Double.NaN;

  /** NaN until the dense network is scored. */
  double denseScore = Double.NaN;

  final List<PruningRound> rounds = new ArrayList<>();

  /** Whether a round is in progress; the fields below describe it. */
  boolean inRound;

  Ramp ramp = Ramp.NONE;
  int longer = 1;
  int epochs;
  int sinceBest;
  int bestEpoch;
  double bestScore = Double.NaN;
  double bestSparsity = Double.NaN;

  /** Set at the end. */
  RoundPlan.@Nullable Stop stop;

  /** The current network; null at the start. */
  @Nullable Saved current;

  /** The trained dense network; null until it is trained. */
  @Nullable Saved dense;

  /** The network to rewind weights to; null without weight rewinding. */
  @Nullable Saved early;

  /** The last good network; null until the dense one is trained. */
  @Nullable Saved kept;

  /** The best epoch of the round; null before there is one. */
  @Nullable Saved best;

  /** Files to keep: the network of each accepted round. */
  final List<String> acceptedFiles = new ArrayList<>();

  void beginRound(Ramp nextRamp, int times) {
    inRound = true;
    ramp = nextRamp;
    longer = times;
    epochs = 0;
    sinceBest = 0;
    bestEpoch = 0;
    bestScore = Double.NaN;
    bestSparsity = Double.NaN;
    best = null;
  }

  /** The trained dense network; set before the first round. */
  Saved trained() {
    return Objects.requireNonNull(dense, "the dense network is trained before the first round");
  }

  /** The last good network; set before the first round. */
  Saved lastGood() {
    return Objects.requireNonNull(kept, "the dense network is kept before the first round");
  }

  /** The network to rewind weights to; set for weight rewinding. */
  Saved rewound() {
    return Objects.requireNonNull(
        early, "weight rewinding trains dense epochs, and the early weights are among them");
  }

  /** The schedule of the attached listener. */
  Ramp attachedRamp() {
    return inRound ? ramp : Ramp.NONE;
  }

  /** All files that are still needed. */
  List<String> files() {
    List<String> files =
        new ArrayList<>(
            Stream.of(current, dense, early, kept, best)
                .filter(saved -> saved != null && saved.file() != null)
                .map(Saved::file)
                .toList());
    files.addAll(acceptedFiles);
    return files;
  }
}
