package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.iterative.IterativePruningResult;
import java.io.IOException;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.evaluation.classification.Evaluation.Metric;

/** Prunes in rounds, as long as the accuracy drops by at most one percentage point. */
public final class PruneInRounds {

  private PruneInRounds() {}

  /**
   * Trains a dense network, prunes it, and prints the rounds.
   *
   * @param args none
   * @throws IOException if the digits cannot be read
   */
  public static void main(String[] args) throws IOException {
    MultiLayerNetwork network = Digits.network();

    IterativePruningResult result =
        IterativePruner.builder()
            .denseEpochs(2) // leave this out for a trained network
            .targets(0.5, 0.8, 0.9, 0.99)
            .fineTuneEpochs(1)
            .scoreCalculator(
                new ClassificationScoreCalculator(Metric.ACCURACY, Digits.validation()))
            .maxScoreDrop(0.01) // a round that loses more is taken back
            .build()
            .prune(network, Digits.train());

    System.out.println(result); // the network is the one of the last accepted round
    System.out.println("sparsity " + result.sparsity() + ", accuracy " + result.score());
  }
}
