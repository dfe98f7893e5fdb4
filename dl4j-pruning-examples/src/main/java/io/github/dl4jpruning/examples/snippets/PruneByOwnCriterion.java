package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Prunes by a criterion of your own: w²·g², an estimate of what the loss would rise by. */
public final class PruneByOwnCriterion {

  private PruneByOwnCriterion() {}

  /** Scores by the weight and the gradient of the batch at which masks change. */
  private record Saliency() implements ImportanceCriterion {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] g = tensor.gradients();
      for (int i = 0; i < w.length; i++) {
        w[i] = w[i] * w[i] * g[i] * g[i];
      }
      return w; // the lowest scores go
    }
  }

  /**
   * Trains and prints what is left.
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
