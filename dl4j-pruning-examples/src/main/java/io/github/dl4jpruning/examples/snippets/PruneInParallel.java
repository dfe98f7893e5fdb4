package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.parallel.ParallelPruning;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.parallelism.ParallelWrapper;

/** Prunes a network that two workers train. An iteration is one batch for each worker. */
public final class PruneInParallel {

  private PruneInParallel() {}

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
            .schedule(SparsitySchedules.polynomial(0.0, 0.8, 10, 35))
            .updateEvery(5)
            .build();
    ParallelWrapper wrapper =
        new ParallelWrapper.Builder<>(network)
            .workers(2)
            .trainingMode(ParallelWrapper.TrainingMode.AVERAGING)
            .averagingFrequency(1)
            .build();
    ParallelPruning.attachTo(wrapper, pruning);
    wrapper.fit(Digits.train());
    wrapper.shutdown();
    System.out.println(SparsityReport.of(network));
  }
}
