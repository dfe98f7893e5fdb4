package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;

/** One way to train on two workers, and what has to hold afterwards. */
record SparkSetting(
    boolean graph,
    int frequency,
    IUpdater updater,
    ImportanceCriterion criterion,
    SparsityDistribution distribution,
    SparsityPattern pattern,
    MaskRule rule) {

  static final int ITERATIONS = 20;
  private static final int EPOCHS = 2;
  private static final int WORKERS = 2;

  private static final Adam ADAM = new Adam(0.01);
  private static final Nesterovs NESTEROVS = new Nesterovs(0.05);
  private static final ImportanceCriterion MAGNITUDE = ImportanceCriterion.magnitude();
  private static final ImportanceCriterion TAYLOR = ImportanceCriterion.taylor();
  private static final ImportanceCriterion MOVEMENT = ImportanceCriterion.movement();
  private static final SparsityDistribution GLOBAL = SparsityDistribution.global();
  private static final SparsityDistribution UNIFORM = SparsityDistribution.uniform();
  private static final SparsityDistribution LAMP = SparsityDistribution.lamp();

  /** What a training gave. */
  record Trained(Model network, PruningListener pruning, List<Integer> updates) {}

  private static SparkSetting of(
      boolean graph,
      int frequency,
      IUpdater updater,
      ImportanceCriterion criterion,
      SparsityDistribution distribution) {
    return new SparkSetting(
        graph,
        frequency,
        updater,
        criterion,
        distribution,
        SparsityPattern.unstructured(),
        MaskRule.monotone());
  }

  private SparkSetting with(SparsityPattern other) {
    return new SparkSetting(graph, frequency, updater, criterion, distribution, other, rule);
  }

  private SparkSetting with(MaskRule other) {
    return new SparkSetting(graph, frequency, updater, criterion, distribution, pattern, other);
  }

  private static SparkSetting nOfM(boolean graph, int frequency, IUpdater updater) {
    return of(graph, frequency, updater, MAGNITUDE, UNIFORM).with(SparsityPattern.keep(1).of(4));
  }

  private static SparkSetting coupled(boolean graph, int frequency, IUpdater updater) {
    return of(graph, frequency, updater, MAGNITUDE, GLOBAL).with(SparsityPattern.coupledChannels());
  }

  /** Each choice once. */
  static Stream<SparkSetting> few() {
    return Stream.of(
        of(false, 1, ADAM, TAYLOR, GLOBAL),
        of(true, 5, NESTEROVS, MAGNITUDE, UNIFORM),
        of(true, 1, ADAM, MOVEMENT, LAMP),
        nOfM(false, 5, ADAM),
        coupled(true, 1, NESTEROVS));
  }

  /** Nearly each pair of choices, and the rules. Movement with lamp is not among them. */
  static Stream<SparkSetting> pairs() {
    return Stream.concat(
        Stream.of(
            of(false, 1, ADAM, MAGNITUDE, GLOBAL),
            of(true, 5, NESTEROVS, MAGNITUDE, UNIFORM),
            of(false, 5, ADAM, MAGNITUDE, LAMP),
            of(true, 1, NESTEROVS, TAYLOR, GLOBAL),
            of(false, 5, ADAM, TAYLOR, UNIFORM),
            of(true, 1, ADAM, TAYLOR, LAMP),
            of(true, 5, ADAM, MOVEMENT, GLOBAL),
            of(false, 1, NESTEROVS, MOVEMENT, UNIFORM),
            nOfM(false, 5, ADAM),
            coupled(true, 1, ADAM)),
        others());
  }

  /** Other criteria and rules. */
  private static Stream<SparkSetting> others() {
    return Stream.of(
        of(true, 1, ADAM, ImportanceCriterion.magnitudeIncrease(), LAMP),
        of(false, 1, new RmsProp(0.01), ImportanceCriterion.gradient(), GLOBAL),
        of(false, 5, ADAM, MAGNITUDE, GLOBAL).with(MaskRule.rigl(0.3, 18)),
        of(true, 1, ADAM, MAGNITUDE, GLOBAL).with(MaskRule.set(0.3, 18, 4)),
        of(true, 5, NESTEROVS, MAGNITUDE, GLOBAL).with(MaskRule.regrow()));
  }

  /** Every combination of network type, frequency and updater with all of the others. */
  static Stream<SparkSetting> all() {
    List<SparkSetting> all = new ArrayList<>();
    for (boolean graph : new boolean[] {false, true}) {
      for (int frequency : new int[] {1, 5}) {
        for (IUpdater updater : List.of(ADAM, NESTEROVS)) {
          for (ImportanceCriterion criterion : List.of(MAGNITUDE, TAYLOR, MOVEMENT)) {
            for (SparsityDistribution distribution : List.of(GLOBAL, UNIFORM, LAMP)) {
              all.add(of(graph, frequency, updater, criterion, distribution));
            }
          }
          all.add(nOfM(graph, frequency, updater));
          all.add(coupled(graph, frequency, updater));
        }
      }
    }
    return Stream.concat(all.stream(), others());
  }

  /** Trains for two epochs of ten iterations for each of the two workers. */
  Trained train(JavaSparkContext context, TrainingListener onWorkers) throws IOException {
    ParameterAveragingTrainingMaster master = SparkFixtures.master(WORKERS, frequency);
    master.setListeners(List.of(onWorkers));
    List<Integer> updates = new ArrayList<>();
    SparkPruning spark =
        SparkPruning.of(
                SparkFixtures.ramp()
                    .criterion(criterion)
                    .distribution(distribution)
                    .pattern(pattern)
                    .rule(rule)
                    .build()
                    .config())
            .addEventListener(
                new PruningEventListener() {
                  @Override
                  public void onMasksUpdated(MasksUpdated event) {
                    updates.add(event.iteration());
                  }
                });
    JavaRDD<DataSet> data =
        context.parallelize(SparkFixtures.batches(ITERATIONS * WORKERS / EPOCHS), 3);
    if (graph) {
      SparkComputationGraph network = SparkFixtures.graph(context, updater, master);
      return new Trained(network.getNetwork(), spark.train(network, master, data, EPOCHS), updates);
    }
    SparkDl4jMultiLayer network = SparkFixtures.layers(context, updater, master);
    return new Trained(network.getNetwork(), spark.train(network, master, data, EPOCHS), updates);
  }

  /**
   * Checks masks and counts.
   *
   * @param seen which weights were zero after each iteration, on any worker
   */
  void check(Trained trained, Map<Integer, Set<BitSet>> seen) {
    assertThat(seen).as("iterations").hasSize(ITERATIONS);
    Map<Integer, BitSet> made = new TreeMap<>();
    seen.forEach(
        (iteration, masks) -> {
          assertThat(masks).as("one mask for all workers at iteration %d", iteration).hasSize(1);
          made.put(iteration, masks.iterator().next());
        });
    Model network = trained.network();
    assertThat(made.get(ITERATIONS - 1)).as("the average").isEqualTo(SparkFixtures.zeros(network));
    for (int t = 0; t < ITERATIONS; t += frequency) {
      for (int i = t; i < t + frequency; i++) {
        assertThat(made.get(i)).as("within a round").isEqualTo(made.get(t));
      }
      if (t > 0 && rule.equals(MaskRule.monotone())) {
        BitSet back = (BitSet) made.get(t - 1).clone();
        back.andNot(made.get(t));
        assertThat(back.cardinality()).as("returned at %d", t).isZero();
      }
    }
    assertThat(trained.updates()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(trained.updates()).allMatch(t -> t % frequency == 0).doesNotHaveDuplicates();
    assertThat(trained.pruning().isAtTarget()).isTrue();
    assertThat(trained.pruning().movedWeights()).isEmpty();
    if (pattern.equals(SparsityPattern.coupledChannels())) {
      checkShrinks(network);
    } else {
      int removed =
          trained.pruning().masks().stream().mapToInt(mask -> mask.length() - mask.kept()).sum();
      assertThat(removed).as("exact count").isEqualTo(SparkFixtures.WEIGHTS * 3 / 4);
      // A weight that was just grown may still be zero.
      int growing = rule.equals(MaskRule.monotone()) ? 0 : SparkFixtures.WEIGHTS / 100;
      assertThat(SparkFixtures.zeros(network).cardinality())
          .as("no other weight is zero")
          .isBetween(removed, removed + growing);
    }
    trained.pruning().detach();
  }

  private static void checkShrinks(Model network) {
    INDArray input = Nd4j.rand(5, SparkFixtures.INPUTS);
    ComputationGraph whole =
        network instanceof org.deeplearning4j.nn.multilayer.MultiLayerNetwork layers
            ? layers.toComputationGraph()
            : (ComputationGraph) network;
    ComputationGraph small = NetworkShrinker.shrink(whole);
    assertThat(small.numParams()).isLessThan(whole.numParams() / 2);
    assertThat(small.outputSingle(input).distance2(whole.outputSingle(input))).isLessThan(1e-5);
  }

  @Override
  public String toString() {
    return (graph ? "graph" : "layers")
        + ", every "
        + frequency
        + ", "
        + updater.getClass().getSimpleName()
        + ", "
        + criterion
        + ", "
        + distribution
        + ", "
        + pattern
        + ", "
        + rule;
  }
}
