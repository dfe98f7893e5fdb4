package io.github.dl4jpruning.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import java.util.BitSet;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/**
 * Stands behind a pruning listener and checks the promise at every step that DL4J makes, however it
 * was asked to train.
 */
public final class StepWatch extends BaseTrainingListener {

  private final PruningListener pruning;
  private BitSet removed = new BitSet();
  private int steps;

  private StepWatch(PruningListener pruning) {
    this.pruning = pruning;
  }

  public static StepWatch over(PruningListener pruning, Model network) {
    pruning.attachTo(network);
    StepWatch watch = new StepWatch(pruning);
    network.addListeners(watch);
    return watch;
  }

  public int steps() {
    return steps;
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    steps++;
    check(model);
  }

  public void check(Model model) {
    BitSet zeros = Invariants.zeroWeights(model);
    BitSet back = (BitSet) removed.clone();
    back.andNot(zeros);
    assertThat(back.cardinality()).as("weights that came back").isZero();
    assertThat((long) zeros.cardinality())
        .isEqualTo(Math.round(pruning.sparsity() * Invariants.weightCount(model)));
    Invariants.checkUpdaterState(model, zeros);
    removed = zeros;
  }
}
