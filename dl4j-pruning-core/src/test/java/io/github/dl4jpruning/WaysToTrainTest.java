package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.testing.StepWatch;
import java.io.File;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.SingletonMultiDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.listeners.Checkpoint;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Every way to ask DL4J to train, checked after every step. */
class WaysToTrainTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private static PruningListener ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.8, 1, 6))
        .updateEvery(2)
        .build();
  }

  private static DataSetIterator batches(Recipe recipe, int count) {
    List<DataSet> all =
        IntStream.range(0, count)
            .mapToObj(recipe::batch)
            .flatMap(d -> d.asList().stream())
            .toList();
    return new ListDataSetIterator<>(all, Networks.BATCH);
  }

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

  @Test
  void earlyStoppingChoosesAmongNetworksAtTargetSparsity() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    StepWatch.over(pruning, network);
    EarlyStoppingConfiguration<MultiLayerNetwork> plain =
        new EarlyStoppingConfiguration.Builder<MultiLayerNetwork>()
            .scoreCalculator(new DataSetLossCalculator(batches(DENSE, 2), true))
            .epochTerminationConditions(
                new MaxEpochsTerminationCondition(12),
                new ScoreImprovementEpochTerminationCondition(2, 100.0))
            .build();

    EarlyStoppingResult<MultiLayerNetwork> result =
        new EarlyStoppingTrainer(
                TargetSparsityGuard.guard(plain, pruning), network, batches(DENSE, 1))
            .fit();

    // One iteration per epoch: the target is in force from epoch 6 on, and no improvement counts
    // from there.
    assertThat(result.getBestModelEpoch()).isGreaterThanOrEqualTo(6);
    assertThat(result.getTotalEpochs()).isEqualTo(9);
    assertThat(result.getTerminationDetails()).contains("at target sparsity");
    assertThat(result.getScoreVsEpoch().get(3)).isEqualTo(Double.MAX_VALUE);
    assertThat(SparsityReport.of(result.getBestModel()).sparsity()).isCloseTo(0.8, within(0.01));
  }

  @Test
  void earlyStoppingOfAGraphThatNeverReachesItsTargetSaysSo() {
    ComputationGraph graph = DENSE.buildGraph();
    PruningListener pruning = ramp();
    pruning.attachTo(graph);
    EarlyStoppingConfiguration<ComputationGraph> plain =
        new EarlyStoppingConfiguration.Builder<ComputationGraph>()
            .scoreCalculator(new DataSetLossCalculator(batches(DENSE, 2), true))
            .epochTerminationConditions(new MaxEpochsTerminationCondition(3))
            .build();

    assertThatThrownBy(
            () ->
                new EarlyStoppingGraphTrainer(
                        TargetSparsityGuard.guard(plain, pruning), graph, batches(DENSE, 1))
                    .fit())
        .hasMessageContaining("expected at least one network at target sparsity")
        .hasMessageContaining("the schedule gets there at iteration 6, training is at 3");
  }

  @Test
  void aPrunedNetworkThatWasLoadedIsTrainedOn(@TempDir File folder) throws Exception {
    MultiLayerNetwork pruned = DENSE.build();
    StepWatch.over(ramp(), pruned);
    pruned.fit(batches(DENSE, 8));
    File file = new File(folder, "pruned.zip");
    ModelSerializer.writeModel(pruned, file, true);

    MultiLayerNetwork loaded = ModelSerializer.restoreMultiLayerNetwork(file);
    PruningListener holding = PruningListener.fineTuning();
    StepWatch watch = StepWatch.over(holding, loaded);
    long removed = holding.adoptZeros();
    loaded.fit(batches(DENSE, 4));

    assertThat(watch.steps()).isEqualTo(4);
    assertThat(holding.sparsity()).isCloseTo(0.8, within(0.01));
    assertThat(removed).isEqualTo((long) Invariants.zeroWeights(pruned).cardinality());
    assertThat(Invariants.zeroWeights(loaded)).isEqualTo(Invariants.zeroWeights(pruned));

    // And pruned further: what was removed counts.
    MultiLayerNetwork again = ModelSerializer.restoreMultiLayerNetwork(file);
    PruningListener further =
        PruningListener.builder().schedule(SparsitySchedules.oneShot(0.9, 10)).build();
    StepWatch.over(further, again);
    further.adoptZeros();
    again.fit(batches(DENSE, 5));
    assertThat(further.sparsity()).isCloseTo(0.9, within(0.01));
    assertThat(Invariants.zeroWeights(again).stream().boxed())
        .containsAll(Invariants.zeroWeights(pruned).stream().boxed().toList());
  }

  @Test
  void transferLearningFromAPrunedNetwork() {
    MultiLayerNetwork pruned = DENSE.build();
    StepWatch.over(ramp(), pruned);
    pruned.fit(batches(DENSE, 8));

    MultiLayerNetwork transferred =
        new TransferLearning.Builder(pruned)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new Adam(0.02)).seed(3).build())
            .setFeatureExtractor(0)
            .removeOutputLayer()
            .addLayer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .activation(Activation.SOFTMAX)
                    .name("fresh")
                    .nIn(6)
                    .nOut(3)
                    .build())
            .build();
    PruningListener holding =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.0))
            .parameters(ParameterFilter.weights().exceptLayers("fresh"))
            .build();
    holding.attachTo(transferred);
    long removed = holding.adoptZeros();
    INDArray frozen = transferred.getLayer(0).params().dup();
    transferred.fit(batches(DENSE, 4));

    SparsityReport report = SparsityReport.of(transferred);
    assertThat(report.weights() - report.nonZeros()).isEqualTo(removed).isGreaterThan(50);
    assertThat(transferred.getLayer(0).params()).isEqualTo(frozen);
    assertThat(report.tensors().get(0).layerType()).isEqualTo("DenseLayer");
  }

  @Test
  void aTargetThatIsNotReachedIsNoResultEvenIfTheLastNetworkIsSaved() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    EarlyStoppingConfiguration<MultiLayerNetwork> plain =
        new EarlyStoppingConfiguration.Builder<MultiLayerNetwork>()
            .scoreCalculator(new DataSetLossCalculator(batches(DENSE, 2), true))
            .epochTerminationConditions(new MaxEpochsTerminationCondition(3))
            .saveLastModel(true)
            .build();
    assertThatThrownBy(
            () ->
                new EarlyStoppingTrainer(
                        TargetSparsityGuard.guard(plain, pruning), network, batches(DENSE, 1))
                    .fit())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Training stopped below the target");
  }

  @Test
  void theGuardNeedsATarget() {
    PruningListener pruning =
        PruningListener.builder()
            .schedule(
                new MapSchedule.Builder(ScheduleType.ITERATION).add(0, 0.0).add(5, 0.5).build())
            .build();
    EarlyStoppingConfiguration<MultiLayerNetwork> plain =
        new EarlyStoppingConfiguration.Builder<MultiLayerNetwork>()
            .scoreCalculator(new DataSetLossCalculator(batches(DENSE, 2), true))
            .epochTerminationConditions(new MaxEpochsTerminationCondition(3))
            .build();
    assertThatThrownBy(() -> TargetSparsityGuard.guard(plain, pruning))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SparsitySchedules.withPeak");
    assertThatThrownBy(() -> TargetSparsityGuard.guard(null, pruning))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void zerosAreNotAdoptedWhereTheRuleWouldReturnThem() {
    for (MaskRule rule : List.of(MaskRule.regrow(), MaskRule.hardThresholding())) {
      PruningListener pruning =
          PruningListener.builder().schedule(SparsitySchedules.constant(0.3)).rule(rule).build();
      pruning.attachTo(DENSE.build());
      assertThatThrownBy(pruning::adoptZeros)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("would not hold");
    }
    assertThatThrownBy(() -> PruningListener.fineTuning().adoptZeros())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attached to a network");
  }

  @Test
  void adoptedMasksAreMendedAfterAGapToo() {
    MultiLayerNetwork network = DENSE.build();
    StepWatch.over(ramp(), network);
    network.fit(batches(DENSE, 8));
    network.setListeners();
    PruningListener holding = PruningListener.fineTuning();
    holding.attachTo(network);
    holding.adoptZeros();
    network.fit(batches(DENSE, 2));
    network.setListeners();
    network.fit(batches(DENSE, 3));
    network.addListeners(holding);
    network.fit(batches(DENSE, 1));
    assertThat(holding.sparsity()).isCloseTo(0.8, within(0.01));
    assertThat(SparsityReport.of(network).sparsity()).isEqualTo(holding.sparsity());
    Invariants.checkUpdaterState(network, Invariants.zeroWeights(network));
  }

  @Test
  void aTensorThatIsZeroAsAWholeWasNotTrainedYet() {
    MultiLayerNetwork network = DENSE.build();
    network.getLayer(0).getParam("W").assign(0.0);
    network.getLayer(2).getParam("W").putScalar(3, 0.0);
    PruningListener holding = PruningListener.fineTuning();
    holding.attachTo(network);
    assertThat(holding.adoptZeros()).isEqualTo(1);
    assertThat(holding.masks().get(0).removed()).isZero();
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
