package io.github.dl4jpruning.parallel;

import static io.github.dl4jpruning.parallel.ParallelFixtures.FINAL;
import static io.github.dl4jpruning.parallel.ParallelFixtures.batches;
import static io.github.dl4jpruning.parallel.ParallelFixtures.network;
import static io.github.dl4jpruning.parallel.ParallelFixtures.ramp;
import static io.github.dl4jpruning.parallel.ParallelFixtures.wrapper;
import static io.github.dl4jpruning.parallel.ParallelFixtures.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.parallel.ParallelFixtures.Setting;
import io.github.dl4jpruning.parallel.ParallelFixtures.Watch;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.ParallelWrapper.TrainingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;

/**
 * Replicas that are trained in parallel have the same masks after every round. A hang would show as
 * a timeout.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParallelPruningTest {

  static Stream<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (int workers : new int[] {2, 4}) {
      for (boolean graph : new boolean[] {false, true}) {
        settings.add(new Setting(TrainingMode.AVERAGING, 1, workers, graph));
        settings.add(new Setting(TrainingMode.AVERAGING, 3, workers, graph));
        settings.add(new Setting(TrainingMode.SHARED_GRADIENTS, 1, workers, graph));
      }
    }
    return settings.stream();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void allReplicasHaveTheSameMasksAfterEveryRound(Setting setting) {
    // RmsProp has a state that moves on its own.
    IUpdater updater = setting.workers() == 2 ? new RmsProp(0.01) : new Adam(0.01);
    Model network = network(setting.graph(), updater);
    PruningListener pruning = ramp().build();
    Set<Integer> updates = new HashSet<>();
    List<Integer> repeated = new ArrayList<>();
    pruning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onMasksUpdated(MasksUpdated event) {
            if (!updates.add(event.iteration())) {
              repeated.add(event.iteration());
            }
          }
        });
    ParallelWrapper wrapper = wrapper(network, setting);
    ParallelPruning.attachTo(wrapper, pruning);
    // Two trainings, with new replicas each; the second is shorter than a round at its end.
    for (int rounds : new int[] {8, 6}) {
      Watch watch = new Watch();
      wrapper.getListeners().removeIf(Watch.class::isInstance);
      wrapper.getListeners().add(watch);
      wrapper.fit(batches(rounds * setting.workers() - (rounds == 6 ? 1 : 0), rounds));

      assertThat(watch.seen).hasSize(setting.workers());
      List<BitSet> leader = watch.seen.get(network);
      assertThat(leader).hasSize(rounds);
      watch
          .seen
          .values()
          .forEach(steps -> assertThat(steps).isEqualTo(leader.subList(0, steps.size())));
      for (int t = 1; t < leader.size(); t++) {
        BitSet back = (BitSet) leader.get(t - 1).clone();
        back.andNot(leader.get(t));
        assertThat(back.cardinality()).as("weights that came back in round %d", t).isZero();
      }
      assertThat(zeros(network)).as("after the last average").isEqualTo(leader.get(rounds - 1));
    }
    assertThat(repeated).as("updates made twice").isEmpty();
    assertThat(updates).hasSizeGreaterThanOrEqualTo(4);
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(0.01));
    assertThat(pruning.sparsity()).isEqualTo(SparsityReport.of(network).sparsity());
  }

  /** Which units have only zeros, of both hidden layers, each with its bias and normalisation. */
  private static List<Integer> deadUnits(Model model) {
    List<Integer> dead = new ArrayList<>();
    for (int layer : new int[] {0, 2}) {
      INDArray weights = model.paramTable().get(layer + "_W");
      INDArray bias = model.paramTable().get(layer + "_b");
      for (int unit = 0; unit < weights.size(1); unit++) {
        boolean zero = weights.getColumn(unit).norm1Number().doubleValue() == 0.0;
        if (zero) {
          assertThat(bias.getDouble(unit)).as("bias of a dead unit").isZero();
          if (layer == 0) {
            assertThat(model.paramTable().get("1_gamma").getDouble(unit)).isZero();
            assertThat(model.paramTable().get("1_beta").getDouble(unit)).isZero();
          }
          INDArray reader = model.paramTable().get(layer == 0 ? "2_W" : "3_W");
          assertThat(reader.getRow(unit).norm1Number().doubleValue()).isZero();
          dead.add(100 * layer + unit);
        }
      }
    }
    return dead;
  }

  /** Whole groups go, in all replicas the same, and can be taken out afterwards. */
  @ParameterizedTest
  @EnumSource(
      value = TrainingMode.class,
      names = {"AVERAGING", "SHARED_GRADIENTS"})
  void coupledChannelsGoTogether(TrainingMode mode) {
    MultiLayerNetwork network = (MultiLayerNetwork) network(false, new Adam(0.01));
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, 0.5, 1, 10))
            .updateEvery(2)
            .pattern(SparsityPattern.coupledChannels())
            .build();
    ParallelWrapper wrapper = wrapper(network, new Setting(mode, 1, 3, false));
    ParallelPruning.attachTo(wrapper, pruning);
    Map<Model, List<List<Integer>>> seen = new ConcurrentHashMap<>();
    wrapper
        .getListeners()
        .add(
            new BaseTrainingListener() {
              @Override
              public void iterationDone(Model model, int iteration, int epoch) {
                seen.computeIfAbsent(model, m -> Collections.synchronizedList(new ArrayList<>()))
                    .add(deadUnits(model));
              }
            });

    wrapper.fit(batches(12 * 3, 5));

    assertThat(seen).hasSize(3);
    List<List<Integer>> leader = seen.get(network);
    assertThat(leader).hasSize(12);
    seen.values().forEach(steps -> assertThat(steps).isEqualTo(leader));
    assertThat(deadUnits(network)).hasSize(16).isEqualTo(leader.get(11));
    INDArray input = Nd4j.rand(5, 6);
    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);
    assertThat(smaller.layerSize(0) + smaller.layerSize(2)).isEqualTo(16);
    assertThat(smaller.output(input).distance2(network.output(input))).isLessThan(1e-5);
  }

  /** Many short rounds on more threads than cores, with an update in every one of them. */
  @Test
  void underStress() {
    for (TrainingMode mode : List.of(TrainingMode.AVERAGING, TrainingMode.SHARED_GRADIENTS)) {
      for (MaskRule rule :
          List.of(MaskRule.monotone(), MaskRule.rigl(0.3, 40), MaskRule.hardThresholding())) {
        Model network = network(false, new Adam(0.01));
        PruningListener pruning =
            PruningListener.builder()
                .schedule(SparsitySchedules.linear(0.1, FINAL, 0, 25))
                .updateEvery(1)
                .rule(rule)
                .build();
        ParallelWrapper wrapper = wrapper(network, new Setting(mode, 1, 4, false));
        ParallelPruning.attachTo(wrapper, pruning);
        Watch watch = new Watch();
        wrapper.getListeners().add(watch);

        wrapper.fit(batches(30 * 4, 3));

        List<BitSet> leader = watch.seen.get(network);
        assertThat(leader).hasSize(30);
        long weights = SparsityReport.of(network).weights();
        if (rule instanceof MaskRule.Exchange) {
          // Weights that have just been grown are zero as well until their first step.
          watch.seen.values().forEach(steps -> assertThat(steps).hasSize(30));
        } else {
          watch.seen.values().forEach(steps -> assertThat(steps).isEqualTo(leader));
          assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(0.01));
        }
        assertThat(pruning.sparsity()).isCloseTo(FINAL, within(1.0 / weights));
      }
    }
  }

  @Test
  void aCriterionThatRemembersFollowsTheLeader() {
    Model network = network(false, new Adam(0.01));
    PruningListener pruning = ramp().criterion(ImportanceCriterion.movement()).build();
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    ParallelPruning.attachTo(wrapper, pruning);
    wrapper.fit(batches(24, 5));
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(0.01));
  }

  private static void sample(
      MultiLayerNetwork network, PruningListener pruning, ListDataSetIterator<DataSet> train) {
    // sample
    ParallelWrapper wrapper = new ParallelWrapper.Builder<>(network).workers(4).build();
    ParallelPruning.attachTo(wrapper, pruning);
    wrapper.fit(train);
    // end
  }

  @Test
  void theSampleIsThatOfThePage() throws Exception {
    MultiLayerNetwork network = (MultiLayerNetwork) network(false, new Adam(0.01));
    sample(network, ramp().build(), batches(48, 2));
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(0.01));

    String source =
        Files.readString(
            Path.of("src/test/java")
                .resolve(ParallelPruningTest.class.getName().replace('.', '/') + ".java"));
    int begin = source.indexOf("// sample\n") + "// sample\n".length();
    String code = source.substring(begin, source.indexOf("// end\n")).stripIndent().strip();
    assertThat(Files.readString(Path.of("../docs/training-everywhere.md"))).contains(code);
  }
}
