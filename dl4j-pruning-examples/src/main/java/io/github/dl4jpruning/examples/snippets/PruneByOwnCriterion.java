package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Prunes by a custom criterion: w²·g², an estimate of how much the loss would rise. */
public final class PruneByOwnCriterion {

  private PruneByOwnCriterion() {}

  /** Computes scores from the weights and the gradient of the batch at which masks change. */
  private record Saliency() implements ImportanceCriterion {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] g = tensor.gradients();
      for (int i = 0; i < w.length; i++) {
        w[i] = w[i] * w[i] * g[i] * g[i];
      }
      return w; // weights with the lowest scores are removed
    }
  }

  /**
   * Trains a network and prints its sparsity.
   *
   * @param args none
   * @throws IOException if the digits cannot be read
   */
  public static void main(String[] args) throws IOException {
    MultiLayerNetwork network = Digits.network();
    PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.8, 40, 140))
        .criterion(new Saliency())
        .updateEvery(20)
        .build()
        .attachTo(network);
    network.fit(Digits.train(), 2);
    System.out.println(SparsityReport.of(network));
  }
}
