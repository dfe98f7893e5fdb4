package io.github.dl4jpruning;

import static io.github.dl4jpruning.TrainingFixtures.DENSE;
import static io.github.dl4jpruning.TrainingFixtures.batches;
import static io.github.dl4jpruning.TrainingFixtures.ramp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.testing.StepWatch;
import java.io.File;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.SingletonMultiDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.Checkpoint;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Every way to ask DL4J to train, checked after every step. */
class WaysToTrainTest {

  private static MultiDataSet multi(DataSet batch) {
    return new MultiDataSet(batch.getFeatures(), batch.getLabels());
  }

  @Test
  void everyFitOfAMultiLayerNetwork() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    StepWatch watch = StepWatch.over(pruning, network);
    DataSet batch = DENSE.batch(9);

    network.fit(batch);
    network.fit(batch.getFeatures(), batch.getLabels());
    network.fit(batches(DENSE, 3));
    network.fit(batches(DENSE, 2), 2);
    network.fit(multi(batch));
    network.fit(new SingletonMultiDataSetIterator(multi(batch)));
    network.fit(new SingletonMultiDataSetIterator(multi(batch)), 2);
    network.fit(batch.getFeatures(), new int[] {0, 1, 2, 0, 1});

    assertThat(watch.steps()).isEqualTo(14);
    assertThat(pruning.sparsity()).isCloseTo(0.8, within(0.01));
  }

  @Test
  void everyFitOfAComputationGraph() {
    ComputationGraph network = DENSE.buildGraph();
    PruningListener pruning = ramp();
    StepWatch watch = StepWatch.over(pruning, network);
    DataSet batch = DENSE.batch(9);

    network.fit(batch);
    network.fit(multi(batch));
    network.fit(batches(DENSE, 3));
    network.fit(batches(DENSE, 2), 2);
    network.fit(new SingletonMultiDataSetIterator(multi(batch)));
    network.fit(new SingletonMultiDataSetIterator(multi(batch)), 2);
    network.fit(new INDArray[] {batch.getFeatures()}, new INDArray[] {batch.getLabels()});

    assertThat(watch.steps()).isEqualTo(13);
    assertThat(pruning.sparsity()).isCloseTo(0.8, within(0.01));
  }

  @Test
  void sequencesWithMasks() {
    Recipe recipe = Recipe.of(Kind.RECURRENT).with(new Adam(0.01));
    DataSet batch = recipe.batch(1);
    INDArray mask = Nd4j.ones(Networks.BATCH, 2);
    mask.putScalar(0, 1, 0.0);
    MultiLayerNetwork network = recipe.build();
    StepWatch watch = StepWatch.over(ramp(), network);
    ComputationGraph graph = recipe.buildGraph();
    StepWatch graphWatch = StepWatch.over(ramp(), graph);

    for (int t = 0; t < 9; t++) {
      network.fit(batch.getFeatures(), batch.getLabels(), mask, mask);
      graph.fit(
          new INDArray[] {batch.getFeatures()},
          new INDArray[] {batch.getLabels()},
          new INDArray[] {mask},
          new INDArray[] {mask});
    }

    assertThat(watch.steps()).isEqualTo(9);
    assertThat(graphWatch.steps()).isEqualTo(9);
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(0.8, within(0.01));
    assertThat(SparsityReport.of(graph).sparsity()).isCloseTo(0.8, within(0.01));
  }

  @Test
  void everySegmentOfTruncatedBackpropagationIsAnIteration() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(4).build())
                .layer(
                    new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(4)
                        .nOut(3)
                        .build())
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTLength(2)
                .build());
    network.init();
    ComputationGraph graph = network.toComputationGraph();
    graph.getConfiguration().setBackpropType(BackpropType.TruncatedBPTT); // which DL4J leaves out
    graph.getConfiguration().setTbpttFwdLength(2);
    graph.getConfiguration().setTbpttBackLength(2);
    INDArray input = Nd4j.rand(2, 3, 8);
    INDArray labels = Nd4j.zeros(2, 3, 8);
    for (int t = 0; t < 8; t++) {
      labels.putScalar(new int[] {0, t % 3, t}, 1.0);
      labels.putScalar(new int[] {1, 1, t}, 1.0);
    }
    StepWatch watch = StepWatch.over(ramp(), network);
    StepWatch graphWatch = StepWatch.over(ramp(), graph);

    for (int i = 0; i < 2; i++) {
      network.fit(new DataSet(input, labels));
      graph.fit(new DataSet(input, labels));
    }

    assertThat(watch.steps()).isEqualTo(8);
    assertThat(graphWatch.steps()).isEqualTo(8);
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(0.8, within(0.01));
    assertThat(SparsityReport.of(graph).sparsity()).isCloseTo(0.8, within(0.01));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"DENSE", "LSTM"})
  void aLearningRateThatIsSetInTheMiddle(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    ComputationGraph graph = recipe.buildGraph();
    StepWatch watch = StepWatch.over(ramp(), network);
    StepWatch graphWatch = StepWatch.over(ramp(), graph);

    for (int t = 0; t < 10; t++) {
      network.fit(recipe.batch(t));
      graph.fit(recipe.batch(t));
      if (t == 3 || t == 8) {
        network.setLearningRate(0.1);
        graph.setLearningRate(0.1);
      }
    }

    assertThat(watch.steps() + graphWatch.steps()).isEqualTo(20);
    assertThat(graph.params().equalsWithEps(network.params(), 0.0)).isTrue();
  }

  @Test
  void aNetworkAndItsGraphArePrunedToTheSameBits() {
    for (Kind kind : Kind.values()) {
      Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
      MultiLayerNetwork network = recipe.build();
      ComputationGraph graph = recipe.buildGraph();
      ramp().attachTo(network);
      ramp().attachTo(graph);
      for (int t = 0; t < 9; t++) {
        network.fit(recipe.batch(t));
        graph.fit(recipe.batch(t));
      }
      assertThat(Invariants.bits(graph)).as("%s", kind).isEqualTo(Invariants.bits(network));
      assertThat(SparsityReport.of(graph).tensors().stream().map(t -> t.shape()).toList())
          .isEqualTo(SparsityReport.of(network).tensors().stream().map(t -> t.shape()).toList());
    }
  }

  @Test
  void layerWisePretrainingIsRefused() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new AutoEncoder.Builder().nIn(7).nOut(4).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(4)
                        .nOut(3)
                        .build())
                .build());
    network.init();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    long[] before = Invariants.bits(network);

    assertThatThrownBy(() -> network.pretrain(batches(DENSE, 2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("found a single AutoEncoder")
        .hasMessageContaining("pretrain first and attach the listener then");
    assertThat(Invariants.bits(network)).isEqualTo(before);

    network.fit(DENSE.batch(1));
    assertThat(pruning.sparsity()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aGraphAtSparsityZeroKeepsItsBits(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    ComputationGraph plain = recipe.buildGraph();
    ComputationGraph pruned = recipe.buildGraph();
    PruningListener.fineTuning().attachTo(pruned);
    for (int t = 0; t < 6; t++) {
      plain.fit(recipe.batch(t));
      pruned.fit(recipe.batch(t));
      assertThat(Invariants.bits(pruned)).isEqualTo(Invariants.bits(plain));
    }
  }

  @Test
  void checkpointsOfDl4jInTheMiddleOfAnEpochAreSparse(@TempDir File folder) throws Exception {
    for (boolean graph : new boolean[] {false, true}) {
      File own = new File(folder, "graph" + graph);
      assertThat(own.mkdir()).isTrue();
      Model network = graph ? DENSE.buildGraph() : DENSE.build();
      network.setListeners(
          new CheckpointListener.Builder(own).keepAll().saveEveryNIterations(2).build());
      PruningListener pruning =
          PruningListener.builder().schedule(SparsitySchedules.constant(0.7)).build();
      pruning.attachTo(network);
      for (int t = 0; t < 7; t++) {
        Networks.fit(network, DENSE.batch(t));
      }
      List<Checkpoint> saved = CheckpointListener.availableCheckpoints(own);
      assertThat(saved).hasSize(3);
      for (Checkpoint checkpoint : saved) {
        Model loaded =
            graph
                ? CheckpointListener.loadCheckpointCG(own, checkpoint.getCheckpointNum())
                : CheckpointListener.loadCheckpointMLN(own, checkpoint.getCheckpointNum());
        assertThat(SparsityReport.of(loaded).sparsity()).isEqualTo(pruning.sparsity());
      }
    }
  }

  @Test
  void inferenceOfAGraphChangesNothingAndASecondListenerIsRefused() {
    ComputationGraph graph = DENSE.buildGraph();
    PruningListener pruning = ramp();
    StepWatch.over(pruning, graph);
    graph.fit(batches(DENSE, 8));
    long[] before = Invariants.bits(graph);

    graph.output(DENSE.batch(3).getFeatures());
    graph.evaluate(batches(DENSE, 2));
    graph.score(DENSE.batch(4));

    assertThat(Invariants.bits(graph)).isEqualTo(before);
    assertThatThrownBy(() -> pruning.attachTo(graph))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attached to this network already");
    assertThatThrownBy(() -> ramp().attachTo(graph))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one pruning listener");
    assertThatThrownBy(() -> pruning.attachTo(DENSE.buildGraph()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("build another listener");
  }

  @Test
  void aGradientCriterionAtTheFirstBatchOfAGraph() {
    ComputationGraph graph = DENSE.buildGraph();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.oneShot(0.6, 0))
            .criterion(ImportanceCriterion.snip())
            .build();
    StepWatch watch = StepWatch.over(pruning, graph);
    graph.fit(batches(DENSE, 3));
    assertThat(watch.steps()).isEqualTo(3);
    assertThat(SparsityReport.of(graph).sparsity()).isCloseTo(0.6, within(0.01));
  }
}
