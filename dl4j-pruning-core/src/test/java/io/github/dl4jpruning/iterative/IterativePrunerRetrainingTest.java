package io.github.dl4jpruning.iterative;

import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.CLASSES;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.FEATURES;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.due;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.everything;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.network;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.pruner;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.trained;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.training;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.iterative.IterativePrunerFixtures.Scripted;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * How an iterative pruner trains within a round: ramps, rewinding of weights and of learning rates,
 * and rates of its own.
 */
class IterativePrunerRetrainingTest {

  @Test
  void aRampPrunesOverItsEpochs() throws IOException {
    MultiLayerNetwork network = trained();
    List<Double> sparsities = new ArrayList<>();

    pruner()
        .targets(.8)
        .rampEpochs(2)
        .updateEvery(1)
        .fineTuneEpochs(1)
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onEpoch(EpochDone event) {
                sparsities.add(event.sparsity());
                // Below the target nothing is scored, so that nothing below it can be the best.
                assertThat(Double.isNaN(event.score())).isEqualTo(event.epoch() < 2);
              }
            })
        .build()
        .prune(network, training());

    assertThat(sparsities.get(0)).isBetween(.3, .79);
    assertThat(sparsities.get(1)).isCloseTo(.8, within(.01));
    assertThat(sparsities.get(2)).isEqualTo(sparsities.get(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void weightRewindingSetsSurvivorsBackExactly(int epoch) throws IOException {
    MultiLayerNetwork network = network();
    long[] initial = everything(network);
    List<long[]> early = new ArrayList<>(List.of(initial));
    List<Integer> checked = new ArrayList<>();

    pruner()
        .denseEpochs(2)
        .criterion(ImportanceCriterion.taylor())
        .retraining(Retraining.weightRewinding(epoch))
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onDenseEpoch(int done, int epochs) {
                early.add(everything(network));
              }

              @Override
              public void onRoundStarted(int round, double target, int done, int epochs) {
                long[] now = everything(network);
                int parameters = (int) network.numParams();
                int zeros = 0;
                for (int i = 0; i < parameters; i++) {
                  if (now[i] != early.get(epoch)[i]) {
                    assertThat(now[i]).isZero();
                    zeros++;
                  }
                }
                assertThat((long) zeros).isEqualTo(due(target, network));
                // Counts too.
                assertThat(now[now.length - 2]).isEqualTo(early.get(epoch)[now.length - 2]);
                assertThat(now[now.length - 1]).isEqualTo(epoch);
                checked.add(round);
              }
            })
        .build()
        .prune(network, training());

    assertThat(checked).containsExactly(1, 2);
  }

  @Test
  void learningRateRewindingRunsTheScheduleAgain() throws IOException {
    MultiLayerNetwork network = network();
    network.setLearningRate(
        new MapSchedule.Builder(ScheduleType.EPOCH).add(0, .02).add(2, .002).build());
    network.fit(training(), 4);
    List<Integer> begins = new ArrayList<>();

    pruner()
        .retraining(Retraining.learningRateRewinding(1))
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onRoundStarted(int round, double target, int done, int epochs) {
                begins.add(network.getEpochCount());
                assertThat(network.getIterationCount()).isEqualTo(4);
              }
            })
        .build()
        .prune(network, training());

    assertThat(begins).containsExactly(1, 1);
    assertThatThrownBy(
            () ->
                pruner()
                    .retraining(Retraining.learningRateRewinding(99))
                    .build()
                    .prune(trained(), training()))
        .hasMessageContaining("goes to epoch 99, and the number of trained epochs is 5");
  }

  @Test
  void ratesAreSetBeforeEachEpoch() throws IOException {
    MultiLayerNetwork network = trained();
    List<Double> rates = new ArrayList<>();

    pruner()
        .targets(.5)
        .fineTuneEpochs(3)
        .retraining(
            Retraining.fineTuning(
                new MapSchedule.Builder(ScheduleType.EPOCH).add(0, .01).add(2, .001).build()))
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onEpoch(EpochDone event) {
                rates.add(network.getLearningRate(0));
              }
            })
        .build()
        .prune(network, training());

    assertThat(rates).containsExactly(.01, .01, .001);
  }

  /** Layers with rates of their own have a state of their own, and one rate for all merges them. */
  @Test
  void aRateOfItsOwnKeepsUpdaterStateInItsPlace() throws IOException {
    for (int epochs : new int[] {0, 2}) {
      MultiLayerNetwork network =
          new MultiLayerNetwork(
              new NeuralNetConfiguration.Builder()
                  .seed(7)
                  .list()
                  .layer(
                      new DenseLayer.Builder()
                          .nIn(FEATURES)
                          .nOut(8)
                          .activation(Activation.TANH)
                          .updater(new Adam(1e-2))
                          .build())
                  .layer(
                      new OutputLayer.Builder(LossFunction.MCXENT)
                          .updater(new Adam(1e-3))
                          .activation(Activation.SOFTMAX)
                          .nIn(8)
                          .nOut(CLASSES)
                          .build())
                  .build());
      network.init();
      network.fit(training(), 3);
      double[] state = moments(network);

      pruner()
          .denseEpochs(0)
          .retries()
          .fineTuneEpochs(1 + epochs)
          .maxScoreDrop(0.0)
          .scoreCalculator(new Scripted(.9))
          .retraining(Retraining.fineTuning(1e-3))
          .build()
          .prune(network, training());

      assertThat(moments(network)).isEqualTo(state);
    }
  }

  /** The first moments of Adam, parameter by parameter, however they are laid out. */
  private static double[] moments(MultiLayerNetwork network) {
    double[] moments = new double[(int) network.numParams()];
    for (UpdaterBlock block : ((MultiLayerUpdater) network.getUpdater()).getUpdaterBlocks()) {
      GradientUpdater<?> updater = block.getGradientUpdater();
      double[] own = updater.getState().get("M").dup().toDoubleVector();
      System.arraycopy(own, 0, moments, block.getParamOffsetStart(), own.length);
    }
    return moments;
  }

  @Test
  void aRampHasTheLengthOfTheDataAtHand() throws IOException {
    MultiLayerNetwork network = trained();
    network.setIterationCount(5_000); // trained in much smaller batches

    IterativePruningResult result =
        pruner().targets(.8).rampEpochs(2).updateEvery(1).build().prune(network, training());

    assertThat(result.complete()).isTrue();
  }
}
