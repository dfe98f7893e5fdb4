package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.oneshot.OneShotPruner;
import io.github.dl4jpruning.oneshot.OneShotResult;
import io.github.dl4jpruning.oneshot.Ranking;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Prunes a trained network at once, without and with a correction of the weights that stay. */
public final class PruneWithoutTraining {

  private PruneWithoutTraining() {}

  /**
   * Trains a dense network, and prunes it in two ways.
   *
   * @param args none
   * @throws IOException if the digits cannot be read
   */
  public static void main(String[] args) throws IOException {
    MultiLayerNetwork network = Digits.network();
    network.fit(Digits.train(), 3);
    System.out.println("dense " + network.evaluate(Digits.validation()).accuracy());

    for (boolean compensate : new boolean[] {false, true}) {
      OneShotResult<MultiLayerNetwork> result =
          OneShotPruner.builder()
              .ranking(Ranking.CRITERION) // by magnitude; the default takes longer and loses less
              .compensate(compensate) // whether the weights that stay make up for the others
              .sparsity(0.9)
              .build()
              .prune(network, Digits.validation()); // its labels are not used
      double accuracy = result.network().evaluate(Digits.validation()).accuracy();
      System.out.println((compensate ? "corrected " : "plain ") + accuracy);
    }
  }
}
