package io.github.dl4jpruning;

import static io.github.dl4jpruning.TrainingFixtures.DENSE;
import static io.github.dl4jpruning.TrainingFixtures.batches;
import static io.github.dl4jpruning.TrainingFixtures.ramp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.testing.StepWatch;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Early stopping of DL4J chooses among networks at target sparsity, and says so where there is
 * none.
 */
class TargetSparsityGuardTest {

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
}
