package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.rounds.RoundTraining;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Logged;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

/** The methods by which other packages, and training loops, steer a listener. */
class ListenerSeamTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE);

  private static PruningListener ramp(double to) {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0.0, to, 0, 20))
        .updateEvery(1)
        .build();
  }

  private static List<Mask> halves(PruningListener pruning) {
    List<Mask> masks = new ArrayList<>();
    for (Mask mask : pruning.masks()) {
      boolean[] kept = new boolean[mask.length()];
      for (int i = 0; i < kept.length; i++) {
        kept[i] = i % 2 == 0;
      }
      masks.add(Mask.of(kept));
    }
    return masks;
  }

  @Test
  void masksThatDoNotFitAreRefusedAndNothingIsChanged() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp(0.8);
    assertThatThrownBy(() -> pruning.holdMasks(List.of(), 0.5))
        .isInstanceOf(IllegalStateException.class);
    pruning.attachTo(network);
    long[] before = Invariants.bits(network);
    List<Mask> fit = halves(pruning);
    List<Mask> longer = new ArrayList<>(fit);
    longer.add(fit.get(0));
    List<Mask> other = new ArrayList<>(fit);
    other.set(1, Mask.dense(fit.get(1).length() + 1));

    for (List<Mask> bad : List.of(fit.subList(0, 1), longer, other)) {
      assertThatThrownBy(() -> pruning.holdMasks(bad, 0.5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected masks of the lengths");
    }
    for (double bad : new double[] {-0.1, 1.0, Double.NaN}) {
      assertThatThrownBy(() -> pruning.holdMasks(fit, bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("scheduled");
    }
    assertThat(Invariants.bits(network)).isEqualTo(before);
    assertThat(pruning.sparsity()).isZero();
  }

  @Test
  void belowTheSparsityThatIsHeldTheScheduleRemovesNothing() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp(0.8);
    pruning.attachTo(network);
    pruning.holdMasks(halves(pruning), 0.5);
    double held = pruning.sparsity();
    assertThat(held).isCloseTo(0.5, within(0.05));

    for (int t = 0; t < 12; t++) {
      network.fit(DENSE.batch(t)); // the schedule is at 0.44 in the end
      assertThat(pruning.sparsity()).isEqualTo(held);
    }
    for (int t = 12; t < 22; t++) {
      network.fit(DENSE.batch(t));
    }
    assertThat(pruning.sparsity()).isCloseTo(0.8, within(0.01));
  }

  @Test
  void aListenerThatIsBoundIsNotMissedInTheList() {
    MultiLayerNetwork network = DENSE.build();
    network.setListeners(new ScoreIterationListener(1_000));
    PruningListener pruning = ramp(0.8);
    pruning.bindTo(network);

    assertThat(
            Logged.by(
                () -> {
                  pruning.sparsity();
                  pruning.state();
                }))
        .doesNotContain("not among the listeners");
  }

  @Test
  void aNetworkThatAnotherListenerPrunesIsRefused() {
    MultiLayerNetwork network = DENSE.build();
    ramp(0.8).attachTo(network);

    assertThatThrownBy(() -> ramp(0.5).bindTo(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this network has one already");
  }

  @Test
  void afterAStepOnAnotherNetworkADetachedListenerIsAttachedAgain() {
    PruningListener pruning = ramp(0.8);
    pruning.attachTo(DENSE.build());
    pruning.detach();
    assertThat(pruning.isAttached()).isFalse();
    MultiLayerNetwork other = DENSE.build();
    other.setListeners(pruning);

    other.fit(DENSE.batch(1));

    assertThat(pruning.isAttached()).isTrue();
    assertThatThrownBy(() -> pruning.attachTo(DENSE.build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("holds the masks of one network");
  }

  /** Without a pruning listener, an IllegalStateException comes from the user's own code. */
  @Test
  void anErrorOfTheUsersOwnIsNotTakenForDivergence() {
    MultiLayerNetwork network = DENSE.build();
    network.params().assign(Double.NaN);
    List<DataSet> rows = DENSE.batch(1).asList();
    TrainingData data =
        TrainingData.of(
            new ListDataSetIterator<>(rows, Networks.BATCH) {
              private int resets;

              @Override
              public synchronized void reset() {
                super.reset();
                if (resets++ > 0) {
                  throw new IllegalStateException("the file is gone");
                }
              }
            });
    RoundTraining training = new RoundTraining(data, Optional.empty(), () -> network);
    training.fitEpoch(network);

    assertThatThrownBy(() -> training.fitEpoch(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the file is gone");
  }
}
