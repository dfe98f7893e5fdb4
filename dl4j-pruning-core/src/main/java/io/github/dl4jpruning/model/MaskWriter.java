package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Applies masks to a network: W ⊙ M, for its parameters and its gradient. The only class that
 * changes a network.
 *
 * <p>In addition to the packed masks, one per tensor, there is one {@link FlatMask} over the span
 * from the first selected parameter to the last. It keeps everything in between, such as biases.
 * One loop over the whole span is simpler and faster than one per tensor. The flat mask is created
 * at the first update; later only the changed entries are rewritten.
 */
public final class MaskWriter {

  private final Network network;
  private final List<PrunableParameter> selected;
  private final UpdaterState updaterState;
  private final long from;
  private final long length;

  private List<Mask> masks;
  private boolean driftingState;
  private boolean updatesKeepZeros = true;

  /** Null before the first masks; the next two are null before their first use. */
  private @Nullable FlatMask flat;

  private FlatMask.@Nullable Target parameters;
  private FlatMask.@Nullable Target gradient;

  /** Whether the weights are on a device instead of in the memory of this process. */
  private final boolean onDevice;

  /** Whether the masks are new and no step was done with them yet. */
  private boolean fresh;

  /** Whether masks were replaced since the last round of copies. */
  private boolean replaced;

  /**
   * Creates a writer for some parameters of a network; nothing is written yet.
   *
   * @param network the network
   * @param selected the parameters that have masks, at least one, in the order of their offsets
   */
  public MaskWriter(NetworkParameters network, List<PrunableParameter> selected) {
    this(network, selected, Nd4j.getExecutioner().type() != ExecutionerType.NATIVE_CPU);
  }

  MaskWriter(NetworkParameters network, List<PrunableParameter> selected, boolean onDevice) {
    this.onDevice = onDevice;
    this.network = network.network();
    this.selected = List.copyOf(selected);
    this.updaterState = new UpdaterState(this.network);
    this.masks = selected.stream().map(p -> Mask.dense(p.length())).toList();
    PrunableParameter last = selected.get(selected.size() - 1);
    this.from = selected.get(0).offset();
    this.length = last.offset() + last.length() - from;
  }

  /**
   * Applies new masks. Newly removed weights become zero, and their updater state is reset to its
   * initial value, so that momentum cannot push them back. The state of returning weights is reset
   * as well; their value is left as it is, which is zero unless something else wrote to it.
   *
   * @param next one mask per selected parameter
   */
  public void replaceMasks(List<Mask> next) {
    updaterState.forgetBeginnings();
    List<UpdaterState.Slot> slots = updaterState.slots();
    if (flat == null) {
      flat = new FlatMask(network.parameters().dataType(), from, length);
    }
    FlatValues weights = FlatValues.toWrite(network.parameters());
    for (int p = 0; p < selected.size(); p++) {
      Mask removed = masks.get(p).minus(next.get(p));
      Mask returned = next.get(p).minus(masks.get(p));
      long offset = selected.get(p).offset();
      if (removed.kept() > 0) {
        flat.put(offset, removed, 0.0);
        // Set, not multiplied: a negative weight times zero is −0.0.
        weights.put(offset, removed, 0.0);
        slots.forEach(slot -> slot.reset(offset, removed));
      }
      if (returned.kept() > 0) {
        flat.put(offset, returned, 1.0);
        slots.forEach(slot -> slot.reset(offset, returned));
      }
    }
    driftingState = slots.stream().anyMatch(slot -> slot.start().drifts());
    updatesKeepZeros = updaterState.keepsZeros();
    masks = List.copyOf(next);
    replaced = true;
    if (onDevice) {
      proveOnDevice(flat, "after new masks were written");
      fresh = true;
    }
  }

  /**
   * Checks on the device that removed weights are zero. ND4J's interface promises that writes on
   * the host reach the device, but this was only tested on a CPU. If it fails, training must not
   * continue.
   */
  private void proveOnDevice(FlatMask mask, String when) {
    parameters = mask.target(parameters, network.parameters());
    double distance = parameters.distanceFromMask();
    if (distance != 0.0) { // NaN is not
      throw new IllegalStateException(
          "expected removed weights to be zero on the device "
              + when
              + ", but the sum of their magnitudes there is "
              + distance
              + " (backend "
              + Nd4j.getExecutioner().type()
              + "); pruning does not work on this backend");
    }
  }

  /**
   * Takes over the masks of a resumed run. Weights and updater state are left as they were saved.
   *
   * @param saved one mask per selected parameter
   */
  public void resumeMasks(List<Mask> saved) {
    if (flat == null) {
      flat = new FlatMask(network.parameters().dataType(), from, length);
    }
    for (int p = 0; p < selected.size(); p++) {
      long offset = selected.get(p).offset();
      flat.put(offset, masks.get(p).minus(saved.get(p)), 0.0);
      flat.put(offset, saved.get(p).minus(masks.get(p)), 1.0);
    }
    masks = List.copyOf(saved);
    updaterState.forgetBeginnings();
    driftingState = updaterState.slots().stream().anyMatch(slot -> slot.start().drifts());
    fresh = onDevice;
    updatesKeepZeros = updaterState.keepsZeros();
  }

  /** Sets all removed weights to zero, and changes nothing else. */
  public void zeroRemoved() {
    FlatValues weights = FlatValues.toWrite(network.parameters());
    for (int p = 0; p < selected.size(); p++) {
      weights.put(selected.get(p).offset(), masks.get(p).complement(), 0.0);
    }
  }

  /**
   * Counts the removed weights that are not zero.
   *
   * @return one count for each selected parameter
   */
  public long[] moved() {
    long[] moved = new long[selected.size()];
    FlatValues weights = FlatValues.of(network.parameters());
    for (int p = 0; p < moved.length; p++) {
      if (masks.get(p).removed() > 0) {
        moved[p] = weights.countNonZero(selected.get(p).offset(), masks.get(p).complement());
      }
    }
    return moved;
  }

  /** Applies the present masks again, to parameters and updater state that may have moved. */
  public void restore() {
    if (flat != null) {
      zeroRemoved();
      List<UpdaterState.Slot> slots = updaterState.slots();
      for (int p = 0; p < selected.size(); p++) {
        Mask removed = masks.get(p).complement();
        long offset = selected.get(p).offset();
        slots.forEach(slot -> slot.reset(offset, removed));
      }
    }
  }

  /**
   * Applies the present masks to an average of copies that hold them. Their weights and state are
   * zero already, but where masks are new: then a trainer may have kept the state from before.
   */
  public void afterRound() {
    if (replaced) {
      replaced = false;
      restore();
    } else {
      maskAfterStep();
    }
  }

  /** Sets the gradient of removed weights to zero; before the first masks, does nothing. */
  public void maskGradient() {
    if (flat != null) {
      gradient = flat.target(gradient, network.gradient());
      gradient.mask();
    }
  }

  /**
   * Sets removed weights to zero, and updater state that drifts without a gradient back to its
   * initial value; before the first masks, does nothing.
   */
  public void maskAfterStep() {
    if (flat != null) {
      if (updatesKeepZeros) {
        parameters = flat.target(parameters, network.parameters());
        parameters.mask();
      } else {
        zeroRemoved(); // NaN times zero is NaN
      }
      if (driftingState) {
        resetDriftingState();
      }
      if (fresh) {
        fresh = false;
        proveOnDevice(flat, "after a step");
      }
    }
  }

  private void resetDriftingState() {
    for (UpdaterState.Slot slot : updaterState.slots()) {
      for (int p = 0; p < selected.size() && slot.start().drifts(); p++) {
        slot.reset(selected.get(p).offset(), masks.get(p).complement());
      }
    }
  }
}
