package io.github.dl4jpruning.replicas;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/**
 * Holds masks that were made elsewhere on a copy of the network, for a trainer whose copies are in
 * other processes. Call {@link #beforeStep} when the gradient of an iteration is computed, and
 * {@link #afterStep} after the updater. Removed weights then stay zero, and so does their updater
 * state.
 */
public final class HeldMasks {

  /** Empty if there are no masks. */
  private final Optional<MaskWriter> writer;

  private final List<Mask> masks;
  private boolean applied;

  /** Whether the weights and the updater state of the copy are zero already. */
  private final boolean zeroAlready;

  private HeldMasks(Optional<MaskWriter> writer, List<Mask> masks, boolean zeroAlready) {
    this.writer = writer;
    this.masks = masks;
    this.zeroAlready = zeroAlready;
  }

  /**
   * Begins to hold masks; nothing is written yet.
   *
   * @param copy a copy of the network
   * @param masks the mask of each pruned tensor, by layer and key
   * @return the masks on the copy
   * @throws IllegalArgumentException if the network lacks a tensor, or a mask has another length
   */
  public static HeldMasks of(Model copy, Map<String, Mask> masks) {
    return of(copy, masks, false);
  }

  /**
   * Begins to hold masks that the network had before it was copied, so beginning costs less.
   * Removed weights must be zero already, and their updater state at its initial value; this is not
   * checked.
   *
   * @param copy a copy of the network
   * @param masks the mask of each pruned tensor, by layer and key
   * @return the masks on the copy
   * @throws IllegalArgumentException if the network lacks a tensor, or a mask has another length
   */
  public static HeldMasks ofPruned(Model copy, Map<String, Mask> masks) {
    return of(copy, masks, true);
  }

  private static HeldMasks of(Model copy, Map<String, Mask> masks, boolean zeroAlready) {
    NetworkParameters network = NetworkParameters.of(copy);
    List<PrunableParameter> held =
        network.parameters().stream().filter(p -> masks.containsKey(p.name())).toList();
    for (Map.Entry<String, Mask> entry : masks.entrySet()) {
      if (held.stream()
          .noneMatch(
              p -> p.name().equals(entry.getKey()) && p.length() == entry.getValue().length())) {
        throw new IllegalArgumentException(
            "expected a network with a tensor "
                + entry.getKey()
                + " of "
                + entry.getValue().length()
                + " weights, but found "
                + network.parameters().stream().map(p -> p.name() + " of " + p.length()).toList());
      }
    }
    List<Mask> ordered =
        held.stream().map(p -> Objects.requireNonNull(masks.get(p.name()))).toList();
    return new HeldMasks(
        held.isEmpty() ? Optional.empty() : Optional.of(new MaskWriter(network, held)),
        ordered,
        zeroAlready);
  }

  /** Sets the gradient of removed weights to zero, and at the first call also the weights. */
  public void beforeStep() {
    if (writer.isPresent() && !applied) {
      applied = true;
      if (zeroAlready) {
        writer.get().resumeMasks(masks);
      } else {
        writer.get().replaceMasks(masks);
      }
    }
    writer.ifPresent(MaskWriter::maskGradient);
  }

  /** Sets removed weights to zero, and their updater state to its initial value. */
  public void afterStep() {
    writer.ifPresent(MaskWriter::maskAfterStep);
  }
}
