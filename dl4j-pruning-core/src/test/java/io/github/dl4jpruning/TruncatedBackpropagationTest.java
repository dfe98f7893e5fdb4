package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Iterations are not batches where backpropagation through time is truncated. */
class TruncatedBackpropagationTest {

  private static final int SEGMENT = 5;

  private static Model network(boolean graph, boolean truncated) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Adam(1e-3))
            .list()
            .layer(new LSTM.Builder().nIn(4).nOut(8).build())
            .layer(
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                    .nIn(8)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .build());
    if (truncated) {
      layers.backpropType(BackpropType.TruncatedBPTT).tBPTTLength(SEGMENT);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
    network.init();
    if (!graph) {
      return network;
    }
    ComputationGraph same = network.toComputationGraph(); // without truncation
    if (truncated) {
      same.getConfiguration().setBackpropType(BackpropType.TruncatedBPTT);
      same.getConfiguration().setTbpttFwdLength(SEGMENT);
      same.getConfiguration().setTbpttBackLength(SEGMENT);
    }
    return same;
  }

  private static DataSet sequences(int examples, int steps) {
    Random random = new Random(steps);
    INDArray features = Nd4j.create(examples, 4, steps);
    for (long i = 0; i < features.length(); i++) {
      features.putScalar(i, random.nextGaussian());
    }
    INDArray labels = Nd4j.zeros(examples, 3, steps);
    for (int i = 0; i < examples; i++) {
      for (int t = 0; t < steps; t++) {
        labels.putScalar(new int[] {i, (i + t) % 3, t}, 1);
      }
    }
    return new DataSet(features, labels);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRampTakesItsEpochs(boolean graph) throws IOException {
    List<DataSet> all = sequences(32, 20).asList();
    List<List<Double>> sparsities = new ArrayList<>();
    for (int dense = 0; dense < 2; dense++) {
      List<Double> seen = new ArrayList<>();
      IterativePruner.builder()
          .targets(0.8)
          .denseEpochs(dense)
          .rampEpochs(4)
          .fineTuneEpochs(1)
          .updateEvery(1)
          .scoreCalculator(new DataSetLossCalculator(new ListDataSetIterator<>(all, 8), true))
          .addListener(
              new IterativePruningListener() {
                @Override
                public void onEpoch(EpochDone epoch) {
                  seen.add(Math.round(100 * epoch.sparsity()) / 100.0);
                }
              })
          .build()
          .prune(network(graph, true), new ListDataSetIterator<>(all, 8));
      sparsities.add(seen);
    }
    assertThat(sparsities.get(0)).isEqualTo(sparsities.get(1));
    assertThat(sparsities.get(0)).containsExactly(0.45, 0.70, 0.79, 0.80, 0.80);
  }

  /** Counted without training, they are as many as DL4J makes. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void iterationsAreCountedAsDl4jCounts(boolean graph) {
    for (boolean truncated : new boolean[] {false, true}) {
      List<DataSet> batches =
          Arrays.stream(new int[] {3, 5, 6, 20, 21})
              .mapToObj(steps -> sequences(4, steps))
              .toList();
      ExistingDataSetIterator data = new ExistingDataSetIterator(batches);
      Model network = network(graph, truncated);
      int counted = TrainingData.of(data).countIterations(network);
      data.reset();
      int made;
      if (network instanceof ComputationGraph trained) {
        trained.fit(data);
        made = trained.getIterationCount();
      } else {
        ((MultiLayerNetwork) network).fit(data);
        made = ((MultiLayerNetwork) network).getIterationCount();
      }
      assertThat(counted).isEqualTo(made).isEqualTo(truncated ? 13 : 5);
    }
  }
}
