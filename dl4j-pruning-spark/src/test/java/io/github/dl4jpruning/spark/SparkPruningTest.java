package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Two workers in this process: all have the driver's masks in every iteration. */
class SparkPruningTest {

  private static JavaSparkContext context;

  @BeforeAll
  static void begin() {
    context = new JavaSparkContext(SparkFixtures.local(2));
  }

  @AfterAll
  static void end() {
    context.close();
  }

  /** What the workers have after each iteration. They are threads of this process. */
  static final class Watch extends BaseTrainingListener implements Serializable {
    private static final long serialVersionUID = 1L;
    static final Map<Integer, Set<BitSet>> SEEN = new ConcurrentHashMap<>();

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      SEEN.computeIfAbsent(iteration, i -> ConcurrentHashMap.newKeySet())
          .add(SparkFixtures.zeros(model));
    }
  }

  static Stream<SparkSetting> settings() {
    return Boolean.getBoolean("pruning.fullMatrix") ? SparkSetting.all() : SparkSetting.pairs();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void allWorkersHaveTheDriversMasks(SparkSetting of) throws IOException {
    Watch.SEEN.clear();
    SparkSetting.Trained trained = of.train(context, new Watch());
    of.check(trained, Watch.SEEN);
  }

  private static void fit(Model network, DataSet batch) {
    if (network instanceof ComputationGraph graph) {
      graph.fit(batch);
    } else {
      ((MultiLayerNetwork) network).fit(batch);
    }
  }

  private static void countEpoch(Model network) {
    if (network instanceof ComputationGraph graph) {
      graph.incrementEpochCount();
    } else {
      ((MultiLayerNetwork) network).incrementEpochCount();
    }
  }

  /** The same masks and weights as training on one machine. */
  @Test
  void oneWorkerIsOneMachine() throws IOException {
    List<DataSet> batches = SparkFixtures.batches(12);
    ParameterAveragingTrainingMaster master = SparkFixtures.master(1, 1);
    for (ImportanceCriterion criterion :
        List.of(
            ImportanceCriterion.magnitude(),
            ImportanceCriterion.taylor(),
            ImportanceCriterion.movement())) {
      for (boolean graph : new boolean[] {false, true}) {
        // A rate that depends on the epoch would tell wrong counts.
        Adam adam = new Adam(new StepSchedule(ScheduleType.EPOCH, 0.01, 0.5, 1.0));
        MultiLayerNetwork layers = SparkFixtures.network(adam);
        Model plain = graph ? layers.toComputationGraph() : layers;
        PruningListener own = SparkFixtures.ramp().criterion(criterion).build();
        own.attachTo(plain);
        for (int e = 0; e < 2; e++) {
          batches.forEach(batch -> fit(plain, batch));
          countEpoch(plain);
        }
        SparkPruning spark = SparkPruning.of(own.config()).inOrder();
        JavaRDD<DataSet> data = context.parallelize(batches, 1);
        PruningListener pruning;
        Model trained;
        if (graph) {
          SparkComputationGraph on = SparkFixtures.graph(context, adam, master);
          pruning = spark.train(on, master, data, 2);
          trained = on.getNetwork();
        } else {
          SparkDl4jMultiLayer on = SparkFixtures.layers(context, adam, master);
          pruning = spark.train(on, master, data, 2);
          trained = on.getNetwork();
        }
        assertThat(pruning.masks()).as("%s", criterion).isEqualTo(own.masks());
        assertThat(own.isAtTarget() && pruning.isAtTarget()).isTrue();
        assertThat(trained.params().distance2(plain.params())).isLessThan(1e-6);
      }
    }
  }

  /** Momentum from before the masks does not stay, whether workers' state is averaged or not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void updaterStateOfRemovedWeightsIsReset(boolean saveUpdater) throws IOException {
    ParameterAveragingTrainingMaster master =
        new ParameterAveragingTrainingMaster.Builder(2, SparkFixtures.BATCH)
            .batchSizePerWorker(SparkFixtures.BATCH)
            .averagingFrequency(2)
            .saveUpdater(saveUpdater)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .build();
    SparkDl4jMultiLayer spark = SparkFixtures.layers(context, new Adam(0.01), master);
    MultiLayerNetwork network = spark.getNetwork();
    List<DataSet> batches = SparkFixtures.batches(20);
    batches.forEach(network::fit);
    int parameters = (int) network.numParams();
    List<RoundListener.Round> rounds = new ArrayList<>();

    SparkPruning.of(SparkFixtures.ramp().build().config())
        .addRoundListener(
            round -> {
              rounds.add(round);
              INDArray state = network.getUpdater().getStateViewArray();
              SparkFixtures.zeros(network).stream()
                  .forEach(
                      i -> {
                        assertThat(state.getDouble(i)).as("mean of %d", i).isZero();
                        assertThat(state.getDouble(parameters + i)).as("square of %d", i).isZero();
                      });
            })
        .train(spark, master, context.parallelize(batches, 3), 4);

    assertThat(rounds).hasSize(20);
    RoundListener.Round last = rounds.get(19);
    assertThat(last.epoch()).isEqualTo(3);
    assertThat(last.number()).isEqualTo(4);
    assertThat(last.endsEpoch()).isTrue();
    assertThat(last.iterations()).isEqualTo(60); // 20 of them before
    assertThat(last.sparsity()).isEqualTo(0.75);
    assertThat(last.score()).isPositive();
  }
}
