package io.github.dl4jpruning.watch;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds removed weights that are not zero because something wrote to them after the pruning
 * listener: a later listener, averaged weights that were set at the end, a constraint that could
 * not be tried. They are counted in the network, and reported or set to zero again.
 */
public final class MovedWeights {

  private static final Logger log = LoggerFactory.getLogger(MovedWeights.class);

  private final NetworkParameters network;
  private final List<PrunableParameter> selected;
  private final MaskWriter writer;
  private boolean saidInTraining;

  /**
   * Creates a watch for removed weights.
   *
   * @param network the network
   * @param selected the parameters that have masks
   * @param writer the writer that has the masks
   */
  public MovedWeights(
      NetworkParameters network, List<PrunableParameter> selected, MaskWriter writer) {
    this.network = network;
    this.selected = selected;
    this.writer = writer;
  }

  /**
   * Counts the removed weights that are not zero.
   *
   * @return the number of such weights
   */
  public long count() {
    return Arrays.stream(writer.moved()).sum();
  }

  /**
   * Returns masks of the weights that are both removed and zero.
   *
   * @param masks the present masks
   * @return masks in which all other weights are kept
   */
  public List<Mask> zeros(List<Mask> masks) {
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

  /**
   * Like {@link #restore}, but logs only once, since it may happen at each step.
   *
   * @param when the beginning of the log message
   */
  public void restoreInTraining(String when) {
    Optional<String> found = describe();
    if (found.isPresent()) {
      writer.restore();
      if (!saidInTraining) {
        saidInTraining = true;
        log.warn(
            "{}, {} They are set to zero again, from now on without a warning.", when, found.get());
      }
    }
  }

  /**
   * Sets such weights to zero again, and logs a warning.
   *
   * @param when the beginning of the log message
   */
  public void restore(String when) {
    Optional<String> found = describe();
    if (found.isPresent()) {
      log.warn("{}, {} They are set to zero again.", when, found.get());
      writer.restore();
    }
  }

  /**
   * Describes how many such weights there are, and where.
   *
   * @return a sentence; empty if all removed weights are zero
   */
  public Optional<String> describe() {
    long[] moved = writer.moved();
    long count = Arrays.stream(moved).sum();
    if (count == 0) {
      return Optional.empty();
    }
    int first = 0;
    while (moved[first] == 0) {
      first++;
    }
    return Optional.of(
        count
            + " removed weights are not zero ("
            + moved[first]
            + " of them in "
            + selected.get(first).name()
            + "): something wrote to them after the pruning listener (another listener, averaged"
            + " weights, a constraint).");
  }
}
