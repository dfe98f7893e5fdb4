package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Logged;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What a person is told, in the log and by events. Alone, because it reads the log. */
@Isolated
class MessagesTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private static PruningListener ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0.0, 0.9, 2, 12))
        .updateEvery(2)
        .build();
  }

  private static void fit(MultiLayerNetwork network, int from, int to) {
    for (int t = from; t < to; t++) {
      network.fit(DENSE.batch(t));
    }
  }

  @Test
  void aTrainingThatEndsBelowItsTargetIsWarnedOf() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    fit(network, 0, 7);

    String log = Logged.by(pruning::finish);

    assertThat(log)
        .contains("WARN")
        .contains(
            "Training stopped below the target: reached 36.02% of 90.00%: the schedule gets there"
                + " at iteration 12, training is at 7.");
    fit(network, 7, 14);
    assertThat(Logged.by(pruning::finish)).doesNotContain("WARN");
    assertThat(pruning.isAtTarget()).isTrue();
  }

  @Test
  void aListenerThatWasReplacedSaysSo() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    network.setListeners(new CollectScoresIterationListener());

    String log = Logged.by(pruning::sparsity);
    assertThat(log).contains("not among the listeners").contains("setListeners has replaced it");
    assertThat(Logged.by(pruning::sparsity)).as("once is enough").isEmpty();
  }

  @Test
  void stepsWithoutTheListenerAreNoticedAndMended() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    fit(network, 0, 14);
    int zeros = Invariants.zeroWeights(network).cardinality();
    var listeners = List.copyOf(network.getListeners());
    network.setListeners();
    fit(network, 14, 17);
    assertThat(Invariants.zeroWeights(network).cardinality()).isLessThan(zeros);
    network.setListeners(listeners);

    String log = Logged.by(() -> fit(network, 17, 18));

    assertThat(log).contains("Iterations 14 to 16 were trained without the pruning listener");
    assertThat(Invariants.zeroWeights(network).cardinality()).isEqualTo(zeros);
    Invariants.checkUpdaterState(network, Invariants.zeroWeights(network));
    assertThat(Logged.by(() -> fit(network, 18, 20))).isEmpty();
  }

  @Test
  void anOrderThatShowsUnprunedWeightsIsWarnedOfOnce() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    fit(network, 0, 1);
    network.setListeners(new CollectScoresIterationListener(), pruning);

    String log = Logged.by(() -> fit(network, 1, 4));

    assertThat(log)
        .containsOnlyOnce("comes after CollectScoresIterationListener")
        .contains("attachTo(network)");
  }

  @Test
  void aNetworkThatDivergesIsNamedByLayerAndIteration() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    fit(network, 0, 3);
    INDArray weights = network.getLayer(0).getParam("W");
    weights.putScalar(4, Double.NaN);

    String log =
        Logged.by(() -> network.fit(new ListDataSetIterator<DataSet>(DENSE.batch(1).asList(), 5)));

    assertThat(log)
        .contains("has diverged: at iteration 3 its score is ")
        .contains("weights of hidden.W: expected finite values");
  }

  @Test
  void theEndOfAnEpochBelowTheTargetIsNoWarning() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    String log =
        Logged.by(() -> network.fit(new ListDataSetIterator<DataSet>(DENSE.batch(1).asList(), 2)));
    assertThat(log).isEmpty();
    assertThat(pruning.shortfall())
        .contains(
            "Training stopped below the target: reached 0.00% of 90.00%: the schedule gets there at"
                + " iteration 12, training is at 3.");
  }

  @Test
  void aScheduleByEpochsSaysWhichEpoch() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.linear(ScheduleType.EPOCH, 0.0, 0.5, 0, 4))
            .build();
    pruning.attachTo(network);
    network.fit(new ListDataSetIterator<DataSet>(DENSE.batch(1).asList(), 5), 3);
    assertThat(pruning.shortfall())
        .contains(
            "Training stopped below the target: reached 24.84% of 50.00%: the schedule gets there"
                + " at epoch 4, training is at 3.");
  }

  @Test
  void eventsSayWhatHappened() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    List<Object> events = new ArrayList<>();
    pruning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onMasksUpdated(MasksUpdated event) {
            events.add(event);
          }

          @Override
          public void onTargetReached(TargetReached event) {
            events.add(event);
          }

          @Override
          public void onFinished(Finished event) {
            events.add(event);
          }
        });
    pruning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onMasksUpdated(MasksUpdated event) {
            throw new IllegalStateException("an onlooker that fails");
          }
        });
    pruning.attachTo(network);
    String log =
        Logged.by(
            () -> {
              fit(network, 0, 16);
              pruning.finish();
            });

    assertThat(log).contains("A pruning event listener failed").doesNotContain("below the target");
    assertThat(events).hasSize(7);
    long weights = Invariants.weightCount(network);
    long removed = 0;
    for (int e = 0; e < 5; e++) {
      var event = (PruningEventListener.MasksUpdated) events.get(e);
      assertThat(event.iteration()).isEqualTo(4 + 2 * e);
      assertThat(event.returned()).isZero();
      removed += event.removed();
      assertThat(event.sparsity()).isEqualTo((double) removed / weights);
      assertThat(event.tensors()).hasSize(3);
      assertThat(event.tensors().stream().mapToLong(t -> t.weights() - t.kept()).sum())
          .isEqualTo(removed);
      assertThat(event.tensors().get(0).name()).isEqualTo("hidden.W");
    }
    var reached = (PruningEventListener.TargetReached) events.get(5);
    assertThat(reached.iteration()).isEqualTo(12);
    assertThat(reached.target()).isEqualTo(0.9);
    var finished = (PruningEventListener.Finished) events.get(6);
    assertThat(finished.iterations()).isEqualTo(16);
    assertThat(finished.targetReached()).isTrue();
  }

  @Test
  void aScheduleThatDoesNotTellItsEndHasNoTargetToMiss() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(
                new MapSchedule.Builder(ScheduleType.ITERATION).add(0, 0.1).add(8, 0.5).build())
            .build();
    pruning.attachTo(network);
    fit(network, 0, 4);
    assertThat(Logged.by(pruning::finish)).isEmpty();
    assertThat(pruning.isAtTarget()).isTrue(); // at rest, for now
  }

  private static PruningEventListener.MasksUpdated masks(int... weightsAndKept) {
    List<PruningEventListener.TensorMask> tensors = new ArrayList<>();
    double weights = 0;
    double kept = 0;
    for (int i = 0; i < weightsAndKept.length; i += 2) {
      tensors.add(
          new PruningEventListener.TensorMask("t" + i, weightsAndKept[i], weightsAndKept[i + 1]));
      weights += weightsAndKept[i];
      kept += weightsAndKept[i + 1];
    }
    return new PruningEventListener.MasksUpdated(5, 1, 0.9, 1.0 - kept / weights, 0, 0, tensors);
  }

  @Test
  void aTargetIsReachedWhereItIsMeasured() {
    assertThat(PruningProgress.reached(masks(200, 20, 60, 6), 0.9))
        .isEqualTo("Target sparsity of 90.00% reached at iteration 5, epoch 1.");
    // Half a weight for each tensor: counts are whole.
    assertThat(PruningProgress.reached(masks(7, 1), 0.9))
        .contains("90.00% reached")
        .contains("(measured: 85.71%)");
    assertThat(PruningProgress.reached(masks(7, 2), 0.9)).contains("but the network has 71.43%");
    assertThat(PruningProgress.reached(masks(200, 1, 60, 1), 0.9999))
        .contains("its target of 99.99%")
        .contains("but the network has 99.23%");
    assertThat(PruningProgress.reached(masks(1, 1), 0.9))
        .contains("but the network has 0.00%")
        .doesNotContain("reached");
  }

  @Test
  void whereThereIsNoTargetNothingIsSaidOfIt() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener tuning = PruningListener.fineTuning();
    List<Object> events = new ArrayList<>();
    tuning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onTargetReached(TargetReached event) {
            events.add(event);
          }
        });
    tuning.attachTo(network);
    tuning.adoptZeros();
    fit(network, 0, 3);
    assertThat(Logged.by(tuning::finish)).isEmpty();
    assertThat(tuning.shortfall()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void aHeadThatIsZeroIsNamed() {
    MultiLayerNetwork network = DENSE.build();
    network.getParam("3_W").assign(0.0);
    PruningListener tuning = PruningListener.fineTuning();
    tuning.attachTo(network);
    String log = Logged.by(tuning::adoptZeros);
    assertThat(log).contains("WARN").contains("All 18 weights of output.W are zero");
    fit(network, 0, 4);
    assertThat(network.getParam("3_W").dup().data().asDouble()).doesNotContain(0.0);
  }
}
