package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Prunes a {@code ComputationGraph}: all layers except the output, each to the same sparsity. */
public final class PruneComputationGraph {

  private PruneComputationGraph() {}

  /**
   * Trains a network and prints its sparsity.
   *
   * @param args none
   * @throws IOException if the digits cannot be read
   */
  public static void main(String[] args) throws IOException {
    ComputationGraph graph = Digits.network().toComputationGraph();
    String output = graph.getConfiguration().getNetworkOutputs().get(0);
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.linear(0.0, 0.8, 0, 150))
            .distribution(SparsityDistribution.uniform())
            .parameters(ParameterFilter.weights().exceptLayers(output))
            .updateEvery(30)
            .build();
    pruning.attachTo(graph);

    graph.fit(Digits.train(), 2);

    System.out.println(SparsityReport.of(graph));
    System.out.println("sparsity of the pruned layers " + pruning.sparsity());
  }
}
