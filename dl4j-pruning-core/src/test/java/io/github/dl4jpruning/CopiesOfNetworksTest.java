package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Logged;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.util.BitSet;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Copies of pruned networks that DL4J makes in memory, with a part of their listeners or without.
 */
@Isolated // reads the log
class CopiesOfNetworksTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private static PruningListener half() {
    return PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
  }

  private static void train(Model network, int from, int count) {
    for (int t = from; t < from + count; t++) {
      Networks.fit(network, DENSE.batch(t));
    }
  }

  private static Model copy(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.clone()
        : ((MultiLayerNetwork) network).clone();
  }

  private static Model pruned(PruningListener pruning, boolean graph) {
    Model network = graph ? DENSE.buildGraph() : DENSE.build();
    pruning.attachTo(network);
    train(network, 0, 4);
    return network;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListenerCanBeAttachedToACopy(boolean graph) {
    PruningListener pruning = half();
    Model network = pruned(pruning, graph);
    Model copy = copy(network);
    BitSet zeros = Invariants.zeroWeights(network);

    PruningListener own = PruningListener.fineTuning();
    own.attachTo(copy);
    assertThat(own.adoptZeros()).isEqualTo(zeros.cardinality());

    for (int t = 4; t < 8; t++) {
      train(copy, t, 1);
      train(network, t, 1);
      assertThat(Invariants.zeroWeights(copy)).isEqualTo(zeros);
      assertThat(Invariants.zeroWeights(network)).isEqualTo(zeros);
    }
    assertThat(own.isAttachedTo(copy)).isTrue();
    assertThat(pruning.isAttachedTo(network)).isTrue();
    assertThat(Logged.by(pruning::sparsity)).as("it was not replaced").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBestNetworkThatWasKeptInMemoryCanBePruned(boolean graph) throws IOException {
    PruningListener pruning = half();
    Model network = pruned(pruning, graph);
    InMemoryModelSaver<Model> saver = new InMemoryModelSaver<>();
    saver.saveBestModel(network, 0.0);
    train(network, 4, 2);
    pruning.detach();

    Model best = saver.getBestModel();
    pruning.attachTo(best);
    pruning.adoptZeros();

    train(best, 6, 3);
    assertThat(SparsityReport.of(best).sparsity()).isEqualTo(pruning.sparsity());
    assertThat(pruning.sparsity()).isBetween(0.49, 0.51);
    assertThat(pruning.isAttachedTo(network)).isFalse();
  }

  @Test
  void aCopyThatTrainsUnprunedIsNoticed() {
    Model network = pruned(half(), true);
    Model copy = copy(network);
    String log = Logged.by(() -> train(copy, 4, 3));
    assertThat(log).containsOnlyOnce("A copy of the pruned network is being trained");
    assertThat(log).contains("attach it to the copy").contains("adoptZeros");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListenerThatIsInUseSaysHowToGoOn(boolean graph) {
    PruningListener pruning = half();
    Model copy = copy(pruned(pruning, graph));
    assertThatThrownBy(() -> pruning.attachTo(copy))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("build another listener, or detach this one first");
  }

  @Test
  void aDetachedListenerGoesOnWhereItWas() {
    PruningListener pruning = half();
    Model network = pruned(pruning, false);
    BitSet zeros = Invariants.zeroWeights(network);
    pruning.detach();
    train(network, 4, 2);
    assertThat(Invariants.zeroWeights(network)).isNotEqualTo(zeros);
    pruning.attachTo(network);
    assertThat(Invariants.zeroWeights(network)).isEqualTo(zeros);
    train(network, 6, 2);
    assertThat(Invariants.zeroWeights(network)).isEqualTo(zeros);
    assertThatThrownBy(() -> half().detach()).isInstanceOf(IllegalStateException.class);
  }
}
