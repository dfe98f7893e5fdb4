package io.github.dl4jpruning.tune;

import static io.github.dl4jpruning.tune.SweepHalvingFixtures.SETTINGS;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.batches;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.checkpoints;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.expected;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.full;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.halved;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.run;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.space;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sweeps that stop bad settings early: which settings go on, by which score, and after how many
 * epochs.
 */
class SweepHalvingTest {

  @TempDir Path folder;

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
    assertThat(checkpoints(folder)).isEmpty();
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
    assertThatThrownBy(() -> full().halvingScore(SweepHalvingFixtures::loss).build())
        .hasMessageContaining("halving must be set with halvingScore");
  }
}
