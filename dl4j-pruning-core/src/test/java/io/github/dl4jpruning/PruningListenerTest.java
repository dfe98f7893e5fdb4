package io.github.dl4jpruning;

import static io.github.dl4jpruning.TrainingFixtures.oneShot;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.NaivePruning;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.BitSet;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * What a listener does to a network and what it leaves alone, compared with a plain implementation
 * to the bit.
 */
class PruningListenerTest {

  @ParameterizedTest
  @EnumSource(Kind.class)
  void shouldChangeNoBitAtSparsityZero(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork plain = recipe.build();
    MultiLayerNetwork pruned = recipe.build();
    PruningListener.builder().schedule(SparsitySchedules.constant(0.0)).build().attachTo(pruned);

    for (int t = 0; t < 10; t++) {
      plain.fit(recipe.batch(t));
      pruned.fit(recipe.batch(t));
      assertThat(Invariants.bits(pruned)).isEqualTo(Invariants.bits(plain));
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = "AUTOENCODER") // the centers of a center loss move at a rate of their own
  void shouldTouchNothingButTheRemovedWeights(Kind kind) {
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      Recipe recipe = Recipe.of(kind).with(new Sgd(0.0)).with(type);
      MultiLayerNetwork network = recipe.build();
      // A denormal number between the weights: multiplying by one has to keep it.
      if (network.getLayer(0).paramTable().containsKey("b")) {
        network.getLayer(0).getParam("b").putScalar(0, 1e-40);
      }
      long[] before = Invariants.bits(network);
      oneShot(0.6, 2).attachTo(network);

      for (int t = 0; t < 5; t++) {
        network.fit(recipe.batch(t));
        long[] after = Invariants.bits(network);
        BitSet removed = Invariants.zeroWeights(network);
        for (int i = 0; i < before.length; i++) {
          // Batch normalisation's statistics move whatever the learning rate is.
          if (!removed.get(i) && !isStatistic(network, i)) {
            assertThat(after[i]).as("parameter %d at iteration %d", i, t).isEqualTo(before[i]);
          }
        }
      }
    }
  }

  private static boolean isStatistic(MultiLayerNetwork network, int index) {
    return network.paramTable().entrySet().stream()
        .filter(e -> e.getKey().endsWith("_mean") || e.getKey().endsWith("_log10stdev"))
        .anyMatch(
            e -> {
              long from = e.getValue().data().offset() - network.params().data().offset();
              return index >= from && index < from + e.getValue().length();
            });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void shouldTrainTheRestToTheBitAsAPlainImplementationDoes(Kind kind) {
    Recipe recipe = Recipe.of(kind);
    MultiLayerNetwork ours = recipe.build();
    MultiLayerNetwork plain = recipe.build();
    oneShot(0.7, 3).attachTo(ours);
    plain.setListeners(new NaivePruning(0.7, 3));

    for (int t = 0; t < 10; t++) {
      ours.fit(recipe.batch(t));
      plain.fit(recipe.batch(t));
      assertThat(ours.params().toDoubleVector()).isEqualTo(plain.params().toDoubleVector());
    }
    assertThat(Invariants.zeroWeights(ours).cardinality()).isPositive();
  }

  @Test
  void shouldPruneEachTensorAlikeIfUniform() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener.builder()
        .schedule(SparsitySchedules.constant(0.5))
        .distribution(SparsityDistribution.uniform())
        .build()
        .attachTo(network);

    network.fit(recipe.batch(1));

    assertThat(SparsityReport.of(network).tensors())
        .allSatisfy(
            t -> assertThat(t.nonZeros()).isEqualTo(t.weights() - Math.round(t.weights() * 0.5)));
  }

  @Test
  void shouldLeaveOutWhatTheFilterLeavesOut() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.5))
            .parameters(ParameterFilter.weights().exceptLayers("output"))
            .build();
    pruning.attachTo(network);

    network.fit(recipe.batch(1));

    assertThat(pruning.sparsity()).isEqualTo(0.5, org.assertj.core.data.Offset.offset(0.01));
    assertThat(
            SparsityReport.of(network, ParameterFilter.weights().onlyLayers("output")).sparsity())
        .isZero();
  }

  @Test
  void shouldCountEpochsForAnEpochSchedule() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.linear(ScheduleType.EPOCH, 0, 0.8, 0, 2))
            .build();
    pruning.attachTo(network);
    List<DataSet> batches = List.of(recipe.batch(1), recipe.batch(2));

    network.fit(new ListDataSetIterator<>(batches, Networks.BATCH));
    assertThat(pruning.sparsity()).isZero();
    network.fit(new ListDataSetIterator<>(batches, Networks.BATCH));
    assertThat(pruning.sparsity()).isBetween(0.39, 0.41);
    network.fit(new ListDataSetIterator<>(batches, Networks.BATCH));
    assertThat(pruning.sparsity()).isBetween(0.79, 0.81);
  }

  @Test
  void shouldChangeNothingAtInferenceAndEvaluation() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = oneShot(0.5, 1);
    pruning.attachTo(network);
    network.fit(recipe.batch(1));
    network.fit(recipe.batch(2));
    long[] before = Invariants.bits(network);
    double sparsity = pruning.sparsity();

    network.output(recipe.batch(3).getFeatures());
    network.evaluate(new ListDataSetIterator<>(List.of(recipe.batch(3)), Networks.BATCH));
    network.score(recipe.batch(4));

    assertThat(Invariants.bits(network)).isEqualTo(before);
    assertThat(pruning.sparsity()).isEqualTo(sparsity);
    assertThat(network.getListeners()).containsExactly(pruning);
  }

  @Test
  void shouldStandBeforeTheOtherListeners() {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    TrainingListener other = new BaseTrainingListener() {};
    network.setListeners(other);
    PruningListener pruning = oneShot(0.5, 0);

    pruning.attachTo(network);

    assertThat(network.getListeners()).containsExactly(pruning, other);
  }

  @Test
  void shouldSurviveStockSaveAndLoad(@TempDir java.io.File folder) throws Exception {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    oneShot(0.5, 0).attachTo(network);
    network.fit(recipe.batch(1));
    java.io.File file = new java.io.File(folder, "model.zip");

    ModelSerializer.writeModel(network, file, true);
    MultiLayerNetwork loaded = ModelSerializer.restoreMultiLayerNetwork(file, true);

    assertThat(Invariants.bits(loaded)).isEqualTo(Invariants.bits(network));
    assertThat(SparsityReport.of(loaded)).isEqualTo(SparsityReport.of(network));
    DataSet batch = recipe.batch(2);
    assertThat(loaded.output(batch.getFeatures())).isEqualTo(network.output(batch.getFeatures()));
  }

  @Test
  void shouldWorkWithoutAttachTo() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = oneShot(0.5, 0);
    network.setListeners(pruning);

    network.fit(recipe.batch(1));

    assertThat(pruning.sparsity()).isBetween(0.49, 0.51);
    assertThat(SparsityReport.of(network).sparsity()).isBetween(0.49, 0.51);
  }
}
