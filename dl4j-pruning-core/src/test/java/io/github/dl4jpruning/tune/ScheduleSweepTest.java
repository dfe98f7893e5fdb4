package io.github.dl4jpruning.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

class ScheduleSweepTest {

  private static final Recipe RECIPE = Recipe.of(Kind.DENSE).with(new Adam(0.02));

  @TempDir Path folder;

  private static DataSetIterator batches() {
    List<DataSet> rows = new ArrayList<>(RECIPE.batch(1).asList());
    rows.addAll(RECIPE.batch(2).asList());
    return new ListDataSetIterator<>(rows, 5);
  }

  private static DataSetLossCalculator loss() {
    return new DataSetLossCalculator(batches(), true);
  }

  private static SweepSpace space() {
    return new SweepSpace(
        List.of(.5, .8),
        List.of(Shape.POLYNOMIAL, Shape.ONE_SHOT),
        List.of(4),
        List.of(6, 8),
        List.of(1),
        List.of(SparsityDistribution.global(), SparsityDistribution.uniform()),
        List.of(Double.NaN, 0.01));
  }

  private static ScheduleSweep.Builder sweep() {
    return ScheduleSweep.builder()
        .settings(space().grid())
        .denseEpochs(2)
        .epochs(3)
        .scoreCalculator(ScheduleSweepTest::loss);
  }

  @Test
  void aGridHasEveryCombinationOnce() {
    // A one-shot schedule has no end, so that two of them are one.
    assertThat(space().grid()).hasSize((2 * 2 + 2) * 2 * 2).doesNotHaveDuplicates();
    assertThat(space().random(5, 1)).hasSize(5).doesNotHaveDuplicates();
    assertThat(space().random(5, 1)).isEqualTo(space().random(5, 1));
    assertThat(space().random(99, 2)).containsExactlyInAnyOrderElementsOf(space().grid());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void everyRunIsATrainingOfItsOwn(int threads) throws IOException {
    MultiLayerNetwork network = RECIPE.build();

    SweepResult result = sweep().threads(threads).build().run(network, () -> batches());

    assertThat(network.getIterationCount()).isEqualTo(4);
    assertThat(network.getListeners()).isEmpty();
    assertThat(result.runs()).hasSize(24);
    for (Run run : List.of(result.runs().get(0), result.runs().get(9), result.runs().get(22))) {
      MultiLayerNetwork alone = RECIPE.build();
      PruningListener pruning = PruningListener.of(run.setting().pruning());
      pruning.attachTo(alone);
      alone.fit(batches(), 2);
      if (!Double.isNaN(run.setting().learningRate())) {
        alone.setLearningRate(run.setting().learningRate());
      }
      alone.fit(batches(), 3);
      assertThat(run.score()).isEqualTo(loss().calculateScore(alone));
      assertThat(run.nonZeros()).isEqualTo(SparsityReport.of(alone).nonZeros());
      assertThat(pruning.isAtTarget()).isTrue();
    }
    MultiLayerNetwork dense = RECIPE.build();
    dense.fit(batches(), 5);
    assertThat(result.denseScore()).isEqualTo(loss().calculateScore(dense));
  }

  @Test
  void whatIsDoneIsNotDoneAgain() throws IOException {
    SweepResult expected = sweep().build().run(RECIPE.build(), () -> batches());
    assertThatThrownBy(
            () ->
                sweep()
                    .directory(folder)
                    .onRun(
                        (run, done, all) -> {
                          if (done == 7) {
                            throw new UnsupportedOperationException("killed");
                          }
                        })
                    .build()
                    .run(RECIPE.build(), () -> batches()))
        .hasMessageContaining("killed");
    long saved;
    try (var files = Files.list(folder)) {
      saved = files.filter(f -> f.getFileName().toString().startsWith("run-")).count();
    }
    assertThat(saved).isGreaterThanOrEqualTo(7);

    SweepResult result = sweep().directory(folder).build().run(RECIPE.build(), () -> batches());

    assertThat(result).isEqualTo(expected);
    assertThatThrownBy(
            () -> sweep().epochs(4).directory(folder).build().run(RECIPE.build(), () -> batches()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a sweep with the same settings");
    Files.writeString(folder.resolve("run-003.json"), "{\"nonZeros\": 3}");
    assertThatThrownBy(() -> sweep().directory(folder).build().run(RECIPE.build(), () -> batches()))
        .hasMessageContaining("run-003.json: expected a run of a sweep");
  }

  @Test
  void theRunWithoutPruningHasNoSetting() throws IOException {
    List<Run> told = new ArrayList<>();
    sweep().onRun((run, done, all) -> told.add(run)).build().run(RECIPE.build(), () -> batches());

    Run dense = told.stream().filter(run -> run.number() == 0).findFirst().orElseThrow();
    assertThat(dense.tried()).isEmpty();
    assertThatThrownBy(dense::schedule)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("run 0 is the one without pruning");
    assertThat(told).filteredOn(run -> run.tried().isEmpty()).containsExactly(dense);
  }

  @Test
  void aRunThatDivergesIsShownAsSuch() throws IOException {
    SweepSpace wild =
        new SweepSpace(
            List.of(.5),
            List.of(Shape.LINEAR),
            List.of(4),
            List.of(8),
            List.of(1),
            List.of(SparsityDistribution.global()),
            List.of(1e38, 0.01));

    SweepResult result = sweep().settings(wild.grid()).build().run(RECIPE.build(), () -> batches());

    assertThat(result.runs().get(0).score()).isNaN();
    assertThat(result.paretoFront()).containsExactly(result.runs().get(1));
    assertThat(result.toString()).contains("NaN");
  }

  private static Run run(int number, long nonZeros, double score) {
    Setting setting = space().grid().get(0);
    return new Run(number, setting, nonZeros, 1 - nonZeros / 100.0, score);
  }

  @Test
  void theFrontHasWhatNothingElseBeats() {
    SweepResult result =
        new SweepResult(
            .95,
            100,
            false,
            List.of(
                run(1, 50, .95),
                run(2, 20, .94),
                run(3, 20, .93),
                run(4, 30, .94),
                run(5, 10, .90),
                run(6, 60, .95),
                run(7, 5, Double.NaN)));

    assertThat(result.paretoFront()).extracting(Run::number).containsExactly(5, 2, 1);
    assertThat(result.best(.01).orElseThrow().number()).isEqualTo(2);
    assertThat(result.best(.05).orElseThrow().number()).isEqualTo(5);
    assertThat(result.best(0).orElseThrow().number()).isEqualTo(1);
    SweepResult better = new SweepResult(.99, 100, false, result.runs());
    assertThat(better.best(.001).orElseThrow().number()).isEqualTo(1);
    assertThat(new SweepResult(.9, 100, false, List.of(run(1, 5, Double.NaN))).best(1)).isEmpty();
    assertThat(result.toCsv().lines()).hasSize(8).anyMatch(line -> line.endsWith(",true"));
    assertThat(result.toString()).contains("front", "polynomial", "dense: 0.9500");
  }

  @Test
  void badChoicesAreRefused() {
    Model network = RECIPE.build();
    assertThatThrownBy(() -> ScheduleSweep.builder().build()).hasMessageContaining("settings");
    assertThatThrownBy(() -> sweep().epochs(0).build()).hasMessageContaining("epochs must be");
    assertThatThrownBy(() -> sweep().threads(0).build()).hasMessageContaining("threads");
    assertThatThrownBy(() -> sweep().denseEpochs(-1).build()).hasMessageContaining("denseEpochs");
    assertThatThrownBy(() -> sweep().scoreCalculator(null).build())
        .hasMessageContaining("scoreCalculator");
    assertThatThrownBy(() -> space().random(0, 1)).hasMessageContaining("count");
    assertThatThrownBy(
            () ->
                new SweepSpace(
                    List.of(),
                    List.of(Shape.LINEAR),
                    List.of(1),
                    List.of(2),
                    List.of(1),
                    List.of(SparsityDistribution.global()),
                    List.of(Double.NaN)))
        .hasMessageContaining("finalSparsities");
    assertThatThrownBy(
            () ->
                new SweepSpace(
                        List.of(.5),
                        List.of(Shape.LINEAR),
                        List.of(3),
                        List.of(2),
                        List.of(1),
                        List.of(SparsityDistribution.global()),
                        List.of(Double.NaN))
                    .grid())
        .hasMessageContaining("must not all be after");
    assertThatThrownBy(
            () ->
                sweep().build().run(network, () -> new ListDataSetIterator<DataSet>(List.of(), 1)))
        .hasMessageContaining("at least one batch");
  }
}
