package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** A training loop of one's own gives the bits that {@code fit} gives. */
class OwnTrainingLoopTest {

  private static final int ITERATIONS = 14;
  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private static PruningListener ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.8, 2, 10))
        .updateEvery(2)
        .build();
  }

  /** The sample of docs/training-everywhere.md. */
  private static void step(MultiLayerNetwork network, PruningListener pruning, DataSet batch) {
    // sample
    int iteration = network.getIterationCount();
    network.setInput(batch.getFeatures());
    network.setLabels(batch.getLabels());
    network.computeGradientAndScore(LayerWorkspaceMgr.noWorkspaces()); // or backpropGradient
    pruning.beforeUpdate(network); // masks change here, and the gradient is masked
    network
        .getUpdater()
        .update(
            network,
            network.gradient(),
            iteration,
            network.getEpochCount(),
            batch.numExamples(),
            LayerWorkspaceMgr.noWorkspaces());
    network.params().subi(network.gradient().gradient());
    pruning.afterUpdate(network); // removed weights are zero again
    network.setIterationCount(iteration + 1); // the schedule goes by this count
    // end
  }

  private static void step(ComputationGraph graph, PruningListener pruning, DataSet batch) {
    int iteration = graph.getIterationCount();
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.computeGradientAndScore(LayerWorkspaceMgr.noWorkspaces());
    pruning.beforeUpdate(graph);
    graph
        .getUpdater()
        .update(
            graph.gradient(),
            iteration,
            graph.getEpochCount(),
            batch.numExamples(),
            LayerWorkspaceMgr.noWorkspaces());
    graph.params().subi(graph.gradient().gradient());
    pruning.afterUpdate(graph);
    graph.getConfiguration().setIterationCount(iteration + 1);
  }

  @Test
  void shouldGiveTheBitsOfFit() {
    MultiLayerNetwork fitted = DENSE.build();
    ramp().attachTo(fitted);
    MultiLayerNetwork own = DENSE.build();
    PruningListener pruning = ramp();
    ComputationGraph graph = DENSE.buildGraph();
    PruningListener ofGraph = ramp();
    for (int t = 0; t < ITERATIONS; t++) {
      fitted.fit(DENSE.batch(t));
      step(own, pruning, DENSE.batch(t));
      step(graph, ofGraph, DENSE.batch(t));
      assertThat(Invariants.bits(own)).isEqualTo(Invariants.bits(fitted));
      assertThat(Invariants.bits(graph)).isEqualTo(Invariants.bits(fitted));
      Invariants.checkUpdaterState(own, Invariants.zeroWeights(own));
    }
    assertThat(pruning.isAtTarget()).isTrue();
    assertThat(ofGraph.isAtTarget()).isTrue();
  }

  @Test
  void shouldRefuseTheSecondHalfOfAnotherNetwork() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    assertThatThrownBy(() -> pruning.afterUpdate(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call beforeUpdate first");
    pruning.attachTo(network);
    assertThatThrownBy(() -> pruning.afterUpdate(DENSE.build()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theSampleIsThatOfThePage() throws IOException {
    String source =
        Files.readString(
            Path.of("src/test/java")
                .resolve(OwnTrainingLoopTest.class.getName().replace('.', '/') + ".java"));
    String begin = "    // sample\n";
    int from = source.indexOf(begin) + begin.length();
    String sample = source.substring(from, source.indexOf("\n    // end\n"));
    assertThat(Files.readString(Path.of("../docs/training-everywhere.md")))
        .contains(sample.stripIndent().strip());
  }
}
