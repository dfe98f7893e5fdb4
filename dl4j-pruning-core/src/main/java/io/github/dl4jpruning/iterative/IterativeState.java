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

/** Where an {@link IterativeRun} stands: all that has to be saved to go on. */
final class IterativeState {

  /**
   * A sparsity schedule of one round.
   *
   * @param from sparsity before the round
   * @param to its target
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
   * A network at some moment.
   *
   * @param snapshot its bits
   * @param masks what was removed
   * @param ramp the schedule of its listener
   * @param file where it is on disk; null if it is not
   */
  record Saved(NetworkSnapshot snapshot, List<Mask> masks, Ramp ramp, @Nullable String file) {}

  /** How often the data was reset. */
  int resets;

  int denseEpochs;

  /** DL4J's count of iterations before anything was trained here. */
  int startIteration;

  double startSparsity = Double.NaN;

  /** NaN before the dense network was scored. */
  double denseScore = Double.NaN;

  final List<PruningRound> rounds = new ArrayList<>();

  /** The round that is going on. */
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

  /** The network as it is; null before anything was done. */
  @Nullable Saved current;

  /** Trained and not pruned; null until it is. */
  @Nullable Saved dense;

  /** What weights are set back to; null if they never are. */
  @Nullable Saved early;

  /** The last good network; null until the dense one is trained. */
  @Nullable Saved kept;

  /** The best epoch of the round; null before there is one. */
  @Nullable Saved best;

  /** Files that stay: the network of each accepted round. */
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

  /** Trained and not pruned; there is one before the first round. */
  Saved trained() {
    return Objects.requireNonNull(dense, "the dense network is trained before the first round");
  }

  /** The last good network; there is one before the first round. */
  Saved lastGood() {
    return Objects.requireNonNull(kept, "the dense network is kept before the first round");
  }

  /** What weights are set back to; there is one where they are. */
  Saved rewound() {
    return Objects.requireNonNull(
        early, "weight rewinding trains dense epochs, and the early weights are among them");
  }

  /** The schedule of the listener that is attached. */
  Ramp attachedRamp() {
    return inRound ? ramp : Ramp.NONE;
  }

  /** All files that are still wanted. */
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
