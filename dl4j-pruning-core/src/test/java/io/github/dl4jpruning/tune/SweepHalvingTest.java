package io.github.dl4jpruning.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Sweeps that stop bad settings early. */
class SweepHalvingTest {

  private static final Recipe RECIPE = Recipe.of(Kind.DENSE).with(new Adam(0.02));
  private static final int SETTINGS = 8;

  private static SweepResult expected;

  @TempDir Path folder;

  private static DataSetIterator batches() {
    List<DataSet> rows = new ArrayList<>(RECIPE.batch(1).asList());
    rows.addAll(RECIPE.batch(2).asList());
    return new ListDataSetIterator<>(rows, 5);
  }

  private static DataSetLossCalculator loss() {
    return new DataSetLossCalculator(batches(), true);
  }

  /** Schedules end at iteration 12, in epoch 6 of 7. */
  private static SweepSpace space() {
    PruningConfig movement =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.0))
            .criterion(ImportanceCriterion.movement())
            .build()
            .config();
    return new SweepSpace(
            List.of(.5, .8),
            List.of(Shape.POLYNOMIAL, Shape.ONE_CYCLE),
            List.of(2),
            List.of(12),
            List.of(1),
            List.of(SparsityDistribution.uniform()),
            List.of(Double.NaN, 0.001))
        .withBase(movement.choices());
  }

  private static ScheduleSweep.Builder full() {
    return ScheduleSweep.builder()
        .settings(space().grid())
        .denseEpochs(1)
        .epochs(6)
        .scoreCalculator(SweepHalvingTest::loss);
  }

  private static ScheduleSweep.Builder halved() {
    return full().halving(2, 1);
  }

  private static SweepResult run(ScheduleSweep.Builder sweep) throws IOException {
    return sweep.build().run(RECIPE.build(), () -> batches());
  }

  /** Without interruption, on one thread, in memory. */
  private static SweepResult expected() throws IOException {
    if (expected == null) {
      expected = run(halved());
    }
    return expected;
  }

  private static int epochs(SweepResult result) {
    return result.runs().stream().mapToInt(Run::epochs).sum();
  }

  @Test
  void whatGoesOnIsWhatItIsWithoutPauses() throws IOException {
    SweepResult full = run(full());
    SweepResult halved = expected();

    assertThat(full.runs()).noneMatch(Run::stopped).allMatch(run -> run.epochs() == 6);
    // Rungs after 1 and 2 epochs: of 4 settings of each sparsity 2 and 1 go on.
    assertThat(halved.runs()).hasSize(SETTINGS);
    assertThat(halved.runs().stream().filter(run -> !run.stopped())).hasSize(2);
    assertThat(halved.runs().stream().filter(run -> run.epochs() == 1)).hasSize(4);
    assertThat(halved.runs().stream().filter(run -> run.epochs() == 2)).hasSize(2);
    assertThat(halved.denseScore()).isEqualTo(full.denseScore());
    for (Run run : halved.runs()) {
      Run whole = full.runs().get(run.number() - 1);
      assertThat(run.setting()).isEqualTo(whole.setting());
      if (!run.stopped()) {
        assertThat(run).isEqualTo(whole);
      }
    }
    assertThat(full().build().plannedEpochs()).isEqualTo(epochs(full)).isEqualTo(48);
    assertThat(halved().build().plannedEpochs()).isEqualTo(epochs(halved)).isEqualTo(20);
  }

  @Test
  void aStoppedRunHasTheScoreItWasStoppedWith() throws IOException {
    SweepResult halved = expected();

    SweepResult first = run(full().epochs(1));
    assertThat(halved.runs().stream().filter(run -> run.epochs() == 1))
        .hasSize(4)
        .allMatch(Run::stopped)
        .allSatisfy(
            run -> assertThat(run.score()).isEqualTo(first.runs().get(run.number() - 1).score()));
    // Of each sparsity, the better half by this score went on.
    for (double sparsity : List.of(.5, .8)) {
      List<Run> group =
          halved.runs().stream().filter(run -> peak(run.setting()) == sparsity).toList();
      double worst =
          group.stream()
              .filter(run -> run.epochs() > 1)
              .mapToDouble(r -> score(first, r))
              .max()
              .orElseThrow();
      assertThat(group.stream().filter(run -> run.epochs() == 1))
          .hasSize(2)
          .allMatch(run -> score(first, run) >= worst);
    }
  }

  private static double score(SweepResult result, Run run) {
    return result.runs().get(run.number() - 1).score();
  }

  private static double peak(Setting setting) {
    return setting.pruning().timing().sparsityAt(1_000, 100);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void neitherThreadsNorADirectoryChangeTheResult(int threads) throws IOException {
    SweepResult expected = expected();

    assertThat(run(halved().threads(threads))).isEqualTo(expected);
    assertThat(run(halved().threads(threads).directory(folder))).isEqualTo(expected);
    assertThat(checkpoints()).isEmpty();
    assertThat(run(halved().threads(threads).directory(folder))).isEqualTo(expected);
  }

  private List<Path> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().matches("run-.*zip")).toList();
    }
  }

  @Test
  void aGraphThatDropsActivationsGoesOnToTheSameBits() throws IOException {
    SweepResult full = full().build().run(dropout(), () -> batches());
    SweepResult inMemory = halved().build().run(dropout(), () -> batches());
    SweepResult onDisk = halved().directory(folder).build().run(dropout(), () -> batches());

    assertThat(inMemory.runs().stream().filter(run -> !run.stopped()))
        .hasSize(2)
        .allMatch(full.runs()::contains);
    assertThat(onDisk).isEqualTo(inMemory);
  }

  private static ComputationGraph dropout() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Adam(0.02))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "hidden",
                    new DenseLayer.Builder()
                        .nIn(7)
                        .nOut(12)
                        .activation(Activation.TANH)
                        .dropOut(0.7)
                        .build(),
                    "in")
                .addLayer("out", new OutputLayer.Builder().nIn(12).nOut(3).build(), "hidden")
                .setOutputs("out")
                .build());
    Nd4j.getRandom().setSeed(7);
    graph.init();
    return graph;
  }

  /** Throws after so many scores, wherever that is. */
  private static ScheduleSweep.Builder killed(ScheduleSweep.Builder sweep, int scores) {
    AtomicInteger made = new AtomicInteger();
    return sweep.halvingScore(
        () -> {
          if (made.incrementAndGet() > scores) {
            throw new UnsupportedOperationException("killed");
          }
          return loss();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 12, 13})
  void aSweepThatWasKilledGoesOnToTheSameResult(int scores) throws IOException {
    SweepResult expected = expected();
    assertThatThrownBy(() -> run(killed(halved().threads(2).directory(folder), scores)))
        .hasMessageContaining("killed");
    // A checkpoint that was being written.
    Files.writeString(folder.resolve("run-001-epoch-9.zip.tmp"), "half of i");

    assertThat(run(halved().threads(2).directory(folder))).isEqualTo(expected);
    assertThat(checkpoints()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 8, 9})
  void aSweepThatIsKilledWhileItTellsGoesOnToo(int told) throws IOException {
    SweepResult expected = expected();
    assertThatThrownBy(
            () ->
                run(
                    halved()
                        .directory(folder)
                        .onRun(
                            (run, done, all) -> {
                              if (done == told) {
                                throw new UnsupportedOperationException("killed");
                              }
                            })))
        .hasMessageContaining("killed");

    List<Integer> all = new ArrayList<>();
    SweepResult result =
        run(halved().directory(folder).onRun((run, done, count) -> all.add(run.number())));

    assertThat(result).isEqualTo(expected);
    assertThat(all).hasSize(SETTINGS + 1).doesNotHaveDuplicates();
  }

  @Test
  void aDirectoryOfAnotherHalvingIsRefused() throws IOException {
    run(halved().directory(folder));

    assertThatThrownBy(() -> run(full().directory(folder)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a sweep with the same settings");
    assertThatThrownBy(() -> run(full().halving(3, 1).directory(folder)))
        .hasMessageContaining("expected a sweep with the same settings");
  }

  private enum Direction {
    LESS_IS_BETTER,
    MORE_IS_BETTER
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void settingsAreRankedByAScoreOfTheirOwn(Direction direction) throws IOException {
    // The loss, and the same said as if more of it were better.
    boolean less = direction == Direction.LESS_IS_BETTER;
    SweepResult result =
        run(
            halved()
                .halvingScore(
                    () ->
                        new DataSetLossCalculator(batches(), true) {
                          @Override
                          public boolean minimizeScore() {
                            return less;
                          }
                        }));

    SweepResult other = expected();
    List<Integer> wentOn = numbers(result);
    assertThat(wentOn.equals(numbers(other))).isEqualTo(less);
  }

  private static List<Integer> numbers(SweepResult result) {
    return result.runs().stream().filter(run -> !run.stopped()).map(Run::number).toList();
  }

  @Test
  void aSettingThatDivergesTakesNobodysPlace() throws IOException {
    SweepSpace wild =
        new SweepSpace(
            List.of(.5),
            List.of(Shape.LINEAR),
            List.of(4),
            List.of(8),
            List.of(1),
            List.of(SparsityDistribution.global()),
            List.of(1e38, 0.01, 0.02, 0.03));

    SweepResult result = run(halved().directory(folder).settings(wild.grid()));

    assertThat(result.runs().get(0).score()).isNaN();
    assertThat(result.runs().get(0).stopped()).isFalse();
    assertThat(result.runs().stream().filter(run -> run.epochs() == 6)).hasSize(1);
    assertThat(run(halved().directory(folder).settings(wild.grid()))).isEqualTo(result);
    assertThat(checkpoints()).isEmpty();
  }

  // ------------------------------------------------------------------------------ deciding

  private record Named(int number, Setting setting, double rank) {}

  private static List<Integer> goOn(int eta, List<Named> runs) {
    return new SweepHalving(eta, 1)
        .goOn(runs, Named::setting, Named::rank).stream().map(Named::number).toList();
  }

  @Test
  void theBestOfEachSparsityGoOn() {
    List<Setting> settings = space().grid();
    Setting half = settings.get(0);
    Setting most = settings.get(4);
    List<Named> runs =
        List.of(
            new Named(1, half, 3),
            new Named(2, most, 9),
            new Named(3, half, 1),
            new Named(4, half, 1),
            new Named(5, most, Double.NaN),
            new Named(6, half, 2),
            new Named(7, half, 0));

    assertThat(goOn(2, runs)).containsExactly(2, 3, 4, 7);
    assertThat(goOn(3, runs)).containsExactly(2, 3, 7);
    assertThat(goOn(99, runs)).containsExactly(2, 7);
    assertThat(SweepHalving.compete(List.of(half, most))).isFalse();
    assertThat(SweepHalving.compete(List.of(half, most, half))).isTrue();
  }

  @Test
  void budgetsDoNotCompete() {
    List<Setting> settings =
        new SweepSpace(
                List.of(.5),
                List.of(Shape.LINEAR),
                List.of(1),
                List.of(2),
                List.of(1),
                List.of(SparsityDistribution.budget(10), SparsityDistribution.budget(20)),
                List.of(Double.NaN))
            .grid();

    assertThat(SweepHalving.compete(settings)).isFalse();
  }

  @Test
  void rungsGrowByAFactor() {
    assertThat(new SweepHalving(2, 3).rungs(13)).containsExactly(3, 6, 12);
    assertThat(new SweepHalving(4, 3).rungs(12)).containsExactly(3);
    assertThat(new SweepHalving(Integer.MAX_VALUE, Integer.MAX_VALUE - 1).rungs(Integer.MAX_VALUE))
        .hasSize(1);
  }

  @Test
  void stoppedRunsAreShownButNeverChosen() {
    Setting setting = space().grid().get(0);
    SweepResult result =
        new SweepResult(
            .95,
            100,
            false,
            List.of(
                new Run(1, Optional.of(setting), 50, .5, .94, 6, false),
                new Run(2, Optional.of(setting), 40, .6, .99, 3, true)));

    assertThat(result.paretoFront()).extracting(Run::number).containsExactly(1);
    assertThat(result.best(.5).orElseThrow().number()).isEqualTo(1);
    assertThat(result.toString()).contains("stopped after 3");
    assertThat(result.toCsv())
        .contains("drop,epochs,stopped,pareto", ",6,false,true", ",3,true,false");
  }

  @Test
  void badChoicesAreRefused() {
    assertThatThrownBy(() -> full().halving(1, 1).build()).hasMessageContaining("eta must be 2");
    assertThatThrownBy(() -> full().halving(2, 0).build()).hasMessageContaining("firstEpochs");
    assertThatThrownBy(() -> full().halving(2, 6).build())
        .hasMessageContaining("less than the 6 epochs of a setting, but is 6");
    assertThatThrownBy(() -> full().halvingScore(SweepHalvingTest::loss).build())
        .hasMessageContaining("halving must be set with halvingScore");
  }
}
