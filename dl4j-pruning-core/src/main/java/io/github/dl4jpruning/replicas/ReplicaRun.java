package io.github.dl4jpruning.replicas;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.plan.Planner;
import io.github.dl4jpruning.plan.PruningChoices;
import java.util.List;
import org.deeplearning4j.nn.api.Model;

/** Applies the masks of another network's run to a replica; it decides nothing. */
final class ReplicaRun {

  private final MaskWriter writer;
  private final boolean thresholdsEveryStep;
  private List<Mask> present = List.of();

  /**
   * Creates a run that follows.
   *
   * @param choices how the original is pruned
   * @param replica a network of the same structure
   */
  ReplicaRun(PruningChoices choices, Model replica) {
    NetworkParameters network = NetworkParameters.of(replica);
    this.writer = new MaskWriter(network, Planner.of(choices, network).selected());
    this.thresholdsEveryStep = choices.rule() instanceof MaskRule.HardThresholding;
  }

  boolean thresholdsEveryStep() {
    return thresholdsEveryStep;
  }

  /** Takes over the masks at the time of the copy, which match the replica's updater state. */
  void startWith(List<Mask> masks) {
    writer.resumeMasks(masks);
    writer.zeroRemoved();
    present = masks;
  }

  void beforeStep(List<Mask> masks) {
    take(masks);
    if (!thresholdsEveryStep) {
      writer.maskGradient();
    }
  }

  void afterStep(List<Mask> masks) {
    if (thresholdsEveryStep) {
      take(masks);
      writer.zeroRemoved();
    } else {
      writer.maskAfterStep();
    }
  }

  private void take(List<Mask> next) {
    if (next != present) {
      writer.replaceMasks(next);
      present = next;
    }
  }
}
