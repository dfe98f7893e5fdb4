package io.github.dl4jpruning;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removed weights that are not zero, because something wrote to them after the pruning listener: a
 * listener behind it, averaged weights that were set at the end, a constraint that could not be
 * tried. They are measured in the network, and set to zero again or reported.
 */
final class MovedWeights {

  private static final Logger log = LoggerFactory.getLogger(PruningListener.class);

  private final NetworkParameters network;
  private final List<PrunableParameter> selected;
  private final MaskWriter writer;
  private boolean saidInTraining;

  MovedWeights(NetworkParameters network, List<PrunableParameter> selected, MaskWriter writer) {
    this.network = network;
    this.selected = selected;
    this.writer = writer;
  }

  /** How many there are now. */
  long count() {
    return Arrays.stream(writer.moved()).sum();
  }

  /** Masks of what is removed and zero; all others are kept. */
  List<Mask> zeros(List<Mask> masks) {
    List<Mask> zeros = new ArrayList<>();
    for (int p = 0; p < selected.size(); p++) {
      double[] values = network.values(selected.get(p));
      boolean[] kept = new boolean[values.length];
      for (int i = 0; i < kept.length; i++) {
        kept[i] = masks.get(p).isKept(i) || values[i] != 0.0;
      }
      zeros.add(Mask.of(kept));
    }
    return zeros;
  }

  /** As {@link #restore}; what happens again and again while a network trains is said once. */
  void restoreInTraining(String when) {
    long[] moved = writer.moved();
    if (Arrays.stream(moved).sum() > 0) {
      writer.restore();
      if (!saidInTraining) {
        saidInTraining = true;
        warn(when, moved, "They are set to zero again, here and from now on without a word.");
      }
    }
  }

  /**
   * Sets them to zero again, and warns of it.
   *
   * @param when beginning of a sentence
   * @return how many there were
   */
  long restore(String when) {
    long[] moved = writer.moved();
    long count = Arrays.stream(moved).sum();
    if (count > 0) {
      warn(when, moved, "They are set to zero again.");
      writer.restore();
    }
    return count;
  }

  /** Warns of them, and leaves them as they are. */
  void report(String when) {
    long[] moved = writer.moved();
    if (Arrays.stream(moved).sum() > 0) {
      warn(when, moved, "PruningListener.applyMasks sets them to zero.");
    }
  }

  private void warn(String when, long[] moved, String what) {
    int first = 0;
    while (moved[first] == 0) {
      first++;
    }
    log.warn(
        "{}, {} removed weights are not zero ({} of them in {}): something wrote to them after the"
            + " pruning listener (another listener, averaged weights, a constraint). {}",
        when,
        Arrays.stream(moved).sum(),
        moved[first],
        selected.get(first).name(),
        what);
  }
}
