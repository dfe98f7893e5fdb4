package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
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

  record Setting(
      boolean graph,
      int frequency,
      IUpdater updater,
      ImportanceCriterion criterion,
      SparsityDistribution distribution,
      SparsityPattern pattern,
      MaskRule rule) {}

  private static Setting setting(
      boolean graph,
      int frequency,
      IUpdater updater,
      ImportanceCriterion criterion,
      SparsityDistribution distribution) {
    return new Setting(
        graph,
        frequency,
        updater,
        criterion,
        distribution,
        SparsityPattern.unstructured(),
        MaskRule.monotone());
  }

  /** Nearly each pair of choices is in one of them; movement with lamp is not. */
  static Stream<Setting> settings() {
    Adam adam = new Adam(0.01);
    Nesterovs nesterovs = new Nesterovs(0.05);
    ImportanceCriterion magnitude = ImportanceCriterion.magnitude();
    ImportanceCriterion taylor = ImportanceCriterion.taylor();
    ImportanceCriterion movement = ImportanceCriterion.movement();
    SparsityDistribution global = SparsityDistribution.global();
    SparsityDistribution uniform = SparsityDistribution.uniform();
    SparsityDistribution lamp = SparsityDistribution.lamp();
    return Stream.of(
        setting(false, 1, adam, magnitude, global),
        setting(true, 5, nesterovs, magnitude, uniform),
        setting(false, 5, adam, magnitude, lamp),
        setting(true, 1, nesterovs, taylor, global),
        setting(false, 5, adam, taylor, uniform),
        setting(true, 1, adam, taylor, lamp),
        setting(true, 5, adam, movement, global),
        setting(false, 1, nesterovs, movement, uniform),
        setting(true, 1, adam, ImportanceCriterion.magnitudeIncrease(), lamp),
        setting(false, 1, new RmsProp(0.01), ImportanceCriterion.gradient(), global),
        new Setting(
            false, 5, adam, magnitude, uniform, SparsityPattern.keep(1).of(4), MaskRule.monotone()),
        new Setting(
            true,
            1,
            adam,
            magnitude,
            global,
            SparsityPattern.coupledChannels(),
            MaskRule.monotone()),
        new Setting(
            false,
            5,
            adam,
            magnitude,
            global,
            SparsityPattern.unstructured(),
            MaskRule.rigl(0.3, 18)),
        new Setting(
            true,
            1,
            adam,
            magnitude,
            global,
            SparsityPattern.unstructured(),
            MaskRule.set(0.3, 18, 4)),
        new Setting(
            true,
            5,
            nesterovs,
            magnitude,
            global,
            SparsityPattern.unstructured(),
            MaskRule.regrow()));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void allWorkersHaveTheDriversMasks(Setting of) throws IOException {
    Watch.SEEN.clear();
    ParameterAveragingTrainingMaster master = SparkFixtures.master(2, of.frequency());
    master.setListeners(List.of(new Watch()));
    Map<Integer, BitSet> made = new TreeMap<>();
    List<Integer> updates = new ArrayList<>();
    PruningListener[] pruning = new PruningListener[1];
    SparkPruning spark =
        SparkPruning.of(
                SparkFixtures.ramp()
                    .criterion(of.criterion())
                    .distribution(of.distribution())
                    .pattern(of.pattern())
                    .rule(of.rule())
                    .build()
                    .config())
            .addEventListener(
                new PruningEventListener() {
                  @Override
                  public void onMasksUpdated(MasksUpdated event) {
                    updates.add(event.iteration());
                  }
                });
    // Two epochs of 10 iterations for each of the two workers.
    JavaRDD<DataSet> data = context.parallelize(SparkFixtures.batches(20), 3);
    Model network;
    if (of.graph()) {
      SparkComputationGraph graph = SparkFixtures.graph(context, of.updater(), master);
      pruning[0] = spark.train(graph, master, data, 2);
      network = graph.getNetwork();
    } else {
      SparkDl4jMultiLayer layers = SparkFixtures.layers(context, of.updater(), master);
      pruning[0] = spark.train(layers, master, data, 2);
      network = layers.getNetwork();
    }

    assertThat(Watch.SEEN).as("iterations").hasSize(20);
    Watch.SEEN.forEach(
        (iteration, masks) -> {
          assertThat(masks).as("one mask for all workers at iteration %d", iteration).hasSize(1);
          made.put(iteration, masks.iterator().next());
        });
    assertThat(made.get(19)).as("the average").isEqualTo(SparkFixtures.zeros(network));
    for (int t = 0; t < 20; t += of.frequency()) {
      for (int i = t; i < t + of.frequency(); i++) {
        assertThat(made.get(i)).as("within a round").isEqualTo(made.get(t));
      }
      if (t > 0 && of.rule().equals(MaskRule.monotone())) {
        BitSet back = (BitSet) made.get(t - 1).clone();
        back.andNot(made.get(t));
        assertThat(back.cardinality()).as("returned at %d", t).isZero();
      }
    }
    assertThat(updates).hasSizeGreaterThanOrEqualTo(3);
    assertThat(updates).allMatch(t -> t % of.frequency() == 0).doesNotHaveDuplicates();
    assertThat(pruning[0].isAtTarget()).isTrue();
    assertThat(pruning[0].movedWeights()).isEmpty();
    if (!of.pattern().equals(SparsityPattern.coupledChannels())) {
      assertThat(SparsityReport.of(network).sparsity()).isCloseTo(0.75, within(0.01));
    } else {
      INDArray input = Nd4j.rand(5, SparkFixtures.INPUTS);
      var small = NetworkShrinker.shrink((ComputationGraph) network);
      assertThat(small.numParams()).isLessThan(network.numParams() / 2);
      assertThat(
              small.outputSingle(input).distance2(((ComputationGraph) network).outputSingle(input)))
          .isLessThan(1e-5);
    }
    pruning[0].detach();
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
}
