package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Writes masks to a network: W ⊙ M, for its parameters and its gradient. The only place that
 * changes a network.
 *
 * <p>Beside the packed masks there is one array of zeros and ones, of the parameters' type, over
 * the span from the first selected parameter to the last. What lies between them (biases, for
 * instance) is multiplied by one, which changes no bit, and one call over the whole span is faster
 * than one per tensor. The array is made at the first update and then only corrected.
 */
public final class MaskWriter {

  private final MultiLayerNetwork network;
  private final List<PrunableParameter> selected;
  private final UpdaterState updaterState;
  private final long from;
  private final long to;

  private List<Mask> masks;
  private boolean driftingState;
  private INDArray factors;
  private Span parameters;
  private Span gradient;

  /**
   * The part of a network-wide vector that the masks cover, kept as long as DL4J keeps the vector.
   */
  private record Span(INDArray whole, INDArray part) {}

  /**
   * A writer for some parameters of a network; it writes nothing yet.
   *
   * @param network the network
   * @param selected the parameters that masks are for, at least one, by rising offset
   */
  public MaskWriter(NetworkParameters network, List<PrunableParameter> selected) {
    this.network = network.network();
    this.selected = List.copyOf(selected);
    this.updaterState = new UpdaterState(this.network);
    this.masks = selected.stream().map(p -> Mask.dense(p.length())).toList();
    PrunableParameter last = selected.get(selected.size() - 1);
    this.from = selected.get(0).offset();
    this.to = last.offset() + last.length();
  }

  /**
   * Puts new masks in force: newly removed weights become zero, and their updater state is reset to
   * its initial value, so that momentum cannot push them back.
   *
   * @param next one mask per selected parameter; what was removed before is removed there too
   */
  public void replaceMasks(List<Mask> next) {
    if (factors == null) {
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        factors = Nd4j.ones(network.params().dataType(), to - from);
      }
    }
    FlatValues ones = FlatValues.of(factors);
    FlatValues weights = FlatValues.of(network.params());
    updaterState.forgetStarts();
    List<UpdaterState.Slot> slots = updaterState.slots();
    for (int p = 0; p < selected.size(); p++) {
      Mask before = masks.get(p);
      Mask after = next.get(p);
      long offset = selected.get(p).offset();
      after.forEachRemovedSince(before, i -> ones.put(offset - from + i, 0.0));
      // Written and not multiplied: a negative weight times zero would be −0.0.
      after.forEachRemovedSince(before, i -> weights.put(offset + i, 0.0));
      for (UpdaterState.Slot slot : slots) {
        if (offset >= slot.from() && offset < slot.to()) {
          double initial = slot.start().value();
          after.forEachRemovedSince(
              before, i -> slot.values().put(offset - slot.from() + i, initial));
        }
      }
    }
    driftingState = slots.stream().anyMatch(slot -> slot.start().drifts());
    masks = List.copyOf(next);
  }

  /** Sets the gradient of removed weights to zero; before the first masks, does nothing. */
  public void maskGradient() {
    if (factors != null) {
      gradient = span(gradient, network.getFlattenedGradients());
      gradient.part().muli(factors);
    }
  }

  /**
   * Sets removed weights to zero, and updater state that moves on its own back to its initial
   * value; before the first masks, does nothing.
   */
  public void maskAfterStep() {
    if (factors != null) {
      maskParameters();
      if (driftingState) {
        resetDriftingState();
      }
    }
  }

  private void maskParameters() {
    parameters = span(parameters, network.params());
    parameters.part().muli(factors);
  }

  private Span span(Span known, INDArray whole) {
    if (known != null && known.whole() == whole) {
      return known;
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray flat = whole.reshape(whole.length());
      return new Span(whole, flat.get(NDArrayIndex.interval(from, to)));
    }
  }

  private void resetDriftingState() {
    for (UpdaterState.Slot slot : updaterState.slots()) {
      if (slot.start().drifts()) {
        double initial = slot.start().value();
        for (int p = 0; p < selected.size(); p++) {
          long offset = selected.get(p).offset();
          if (offset >= slot.from() && offset < slot.to()) {
            masks.get(p).forEachRemoved(i -> slot.values().put(offset - slot.from() + i, initial));
          }
        }
      }
    }
  }
}
