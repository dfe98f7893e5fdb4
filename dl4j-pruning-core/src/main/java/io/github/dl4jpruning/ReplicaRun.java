package io.github.dl4jpruning;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;

/** Keeps the masks of another network's run in force on a replica; decides nothing. */
final class ReplicaRun {

  private final MaskWriter writer;
  private final Supplier<List<Mask>> leading;
  private final boolean thresholdsEveryStep;
  private List<Mask> present;

  /**
   * A run that follows.
   *
   * @param config how the original is pruned
   * @param leading the masks that hold for the original now
   * @param replica a network of the same structure
   */
  ReplicaRun(PruningConfig config, Supplier<List<Mask>> leading, Model replica) {
    NetworkParameters network = NetworkParameters.of(replica);
    this.writer =
        new MaskWriter(network, config.parameters().select(network.parameters(), network.layers()));
    this.leading = leading;
    this.thresholdsEveryStep = config.rule() instanceof MaskRule.HardThresholding;
  }

  boolean thresholdsEveryStep() {
    return thresholdsEveryStep;
  }

  void beforeStep() {
    takeMasks();
    if (!thresholdsEveryStep) {
      writer.maskGradient();
    }
  }

  void afterStep() {
    if (thresholdsEveryStep) {
      takeMasks();
      writer.zeroRemoved();
    } else {
      writer.maskAfterStep();
    }
  }

  private void takeMasks() {
    List<Mask> next = leading.get();
    if (next != present) {
      writer.replaceMasks(next);
      present = next;
    }
  }
}
