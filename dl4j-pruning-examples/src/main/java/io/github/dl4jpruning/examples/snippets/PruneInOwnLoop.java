package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Prunes in a custom training loop, without {@code fit}. */
public final class PruneInOwnLoop {

  private PruneInOwnLoop() {}

  /**
   * Trains one epoch and prints the sparsity.
   *
   * @param args none
   * @throws IOException if the digits cannot be read
   */
  public static void main(String[] args) throws IOException {
    MultiLayerNetwork network = Digits.network();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, 0.8, 10, 70))
            .updateEvery(10)
            .build();
    pruning.bindTo(network); // not in the listener list: this loop calls it
    LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
    for (DataSetIterator train = Digits.train(); train.hasNext(); ) {
      DataSet batch = train.next();
      int iteration = network.getIterationCount();
      network.setInput(batch.getFeatures());
      network.setLabels(batch.getLabels());
      network.computeGradientAndScore(workspaces);
      pruning.beforeUpdate(network); // masks change, and the gradient is masked
      network
          .getUpdater()
          .update(network, network.gradient(), iteration, 0, batch.numExamples(), workspaces);
      network.params().subi(network.gradient().gradient());
      pruning.afterUpdate(network); // removed weights are zero again
      network.setIterationCount(iteration + 1); // the schedule follows this count
    }
    System.out.println(SparsityReport.of(network));
  }
}
