package io.github.dl4jpruning.iterative;

import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.everything;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.pruner;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.trained;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.training;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.validation;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.iterative.IterativePrunerFixtures.Scripted;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.Retry;
import java.io.IOException;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

/**
 * Which epoch and which round of an iterative pruner is kept, and when a round is taken back
 * because of its score.
 */
class IterativePrunerScoresTest {

  @Test
  void theBestEpochOfARoundIsKept() throws IOException {
    MultiLayerNetwork network = trained();
    Scripted scores = new Scripted(.9, .7, .8, .75);

    IterativePruningResult result =
        pruner()
            .targets(.5)
            .fineTuneEpochs(3)
            .scoreCalculator(scores)
            .build()
            .prune(network, training());

    assertThat(result.chosen().orElseThrow().bestEpoch()).isEqualTo(2);
    assertThat(result.score()).isEqualTo(.8);
    assertThat(everything(network)).isEqualTo(scores.scored.get(2));
  }

  @Test
  void patienceEndsARound() throws IOException {
    IterativePruningResult result =
        pruner()
            .targets(.5)
            .fineTuneEpochs(9)
            .patience(2)
            .scoreCalculator(new Scripted(.9, .7, .8, .75, .76, .99))
            .build()
            .prune(trained(), training());

    assertThat(result.rounds().get(0).epochs()).isEqualTo(4);
    assertThat(result.score()).isEqualTo(.8);
  }

  @Test
  void aRoundThatFailsIsTakenBackToTheBit() throws IOException {
    MultiLayerNetwork network = trained();
    Scripted scores = new Scripted(.9, .89, .895, .5);

    IterativePruningResult result =
        pruner()
            .maxScoreDrop(.01)
            .retries(Retry.MORE_EPOCHS, Retry.SMALLER_STEP)
            .scoreCalculator(scores)
            .build()
            .prune(network, training());

    assertThat(everything(network)).isEqualTo(scores.scored.get(2));
    assertThat(result.complete()).isFalse();
    assertThat(result.reason())
        .contains("was not reached", "worse than that of the dense network", "50%");
    // .8 with two epochs, .8 with four, and half of the way with four.
    assertThat(result.rounds()).hasSize(4);
    assertThat(result.rounds()).extracting(PruningRound::epochs).containsExactly(2, 2, 4, 4);
    assertThat(result.rounds().get(3).target()).isCloseTo(1 - Math.sqrt(.1), within(1e-12));
    assertThat(result.sparsity()).isCloseTo(.5, within(.01));
    assertThat(result.toString()).contains("taken back", "chosen");
    assertThat(result.toMarkdown()).contains("| chosen |");
    assertThat(result.toJson()).contains("\"chosen\" : 1", "\"complete\" : false");
  }

  @Test
  void withNoDropAllowedTheDenseNetworkComesBackToTheBit() throws IOException {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);

    IterativePruningResult result =
        pruner()
            .maxScoreDrop(0.0)
            .scoreCalculator(new Scripted(.9))
            .build()
            .prune(network, training());

    assertThat(everything(network)).isEqualTo(before);
    assertThat(result.chosen()).isEmpty();
    assertThat(result.score()).isEqualTo(.9);
  }

  @Test
  void aLossIsBetterWhenItIsLower() throws IOException {
    MultiLayerNetwork network = trained();

    IterativePruningResult result =
        pruner()
            .scoreCalculator(new DataSetLossCalculator(validation(), true))
            .maxScoreDrop(10.0)
            .build()
            .prune(network, training());

    assertThat(result.complete()).isTrue();
    PruningRound last = result.rounds().get(1);
    assertThat(result.drop(last)).isEqualTo(last.score() - result.denseScore());
  }

  @Test
  void theHighestGoodSparsityIsFound() throws IOException {
    MultiLayerNetwork network = trained();
    @SuppressWarnings({"serial", "NonSerializableField"})
    ScoreCalculator<Model> falling =
        new ScoreCalculator<>() {
          @Override
          public double calculateScore(Model scored) {
            return zeros(scored) <= .7 ? 1.0 : 0.5;
          }

          @Override
          public boolean minimizeScore() {
            return false;
          }
        };

    IterativePruningResult result =
        pruner()
            .asSparseAsPossible(.99, .05)
            .fineTuneEpochs(1)
            .retries()
            .scoreCalculator(falling)
            .maxScoreDrop(.1)
            .build()
            .prune(network, training());

    assertThat(zeros(network)).isBetween(.65, .71);
    assertThat(result.reason()).contains("is good enough");
  }

  @Test
  void aDivergedRoundIsTakenBack() throws IOException {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);

    IterativePruningResult result =
        pruner()
            .retries()
            .rampEpochs(1)
            .updateEvery(1)
            .retraining(Retraining.fineTuning(1e38))
            .build()
            .prune(network, training());

    assertThat(result.rounds()).hasSize(1);
    assertThat(result.rounds().get(0).note()).contains("diverged");
    assertThat(everything(network)).isEqualTo(before);
  }
}
