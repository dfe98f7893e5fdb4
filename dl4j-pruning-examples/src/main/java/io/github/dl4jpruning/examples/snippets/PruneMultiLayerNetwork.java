package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Prunes a {@code MultiLayerNetwork} to 90% while it trains. */
public final class PruneMultiLayerNetwork {

  private PruneMultiLayerNetwork() {}

  /**
   * Trains a network and prints its sparsity.
   *
   * @param args none
   * @throws IOException if the digits cannot be read
   */
  public static void main(String[] args) throws IOException {
    MultiLayerNetwork network = Digits.network();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, 0.9, 40, 200)) // from, to, begin, end
            .updateEvery(20)
            .build();
    pruning.attachTo(network);

    network.fit(Digits.train(), 3);

    pruning.finish(); // warns if training ended before the schedule did
    System.out.println(SparsityReport.of(network));
    System.out.println("accuracy " + network.evaluate(Digits.validation()).accuracy());
  }
}
