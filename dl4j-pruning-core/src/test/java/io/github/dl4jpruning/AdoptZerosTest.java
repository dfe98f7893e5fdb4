package io.github.dl4jpruning;

import static io.github.dl4jpruning.TrainingFixtures.DENSE;
import static io.github.dl4jpruning.TrainingFixtures.batches;
import static io.github.dl4jpruning.TrainingFixtures.ramp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.StepWatch;
import java.io.File;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Networks that were pruned before: their zeros are adopted as removed weights when they are
 * trained on.
 */
class AdoptZerosTest {

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
}
