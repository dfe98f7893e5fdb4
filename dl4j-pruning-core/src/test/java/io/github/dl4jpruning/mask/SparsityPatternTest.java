package io.github.dl4jpruning.mask;

import static io.github.dl4jpruning.mask.PatternFixtures.prune;
import static io.github.dl4jpruning.mask.PatternFixtures.rows;
import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.ChannelPattern.Axis;
import io.github.dl4jpruning.mask.ChannelPattern.Score;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayoutTest;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Patterns on tensors small enough to be counted by hand: groups of N of M, blocks and channels,
 * and which patterns are refused.
 */
class SparsityPatternTest {

  // ------------------------------------------------------------------------------ N:M

  @Test
  void shouldKeepTwoOfFour() {
    SparsityPattern twoOfFour = SparsityPattern.keep(2).of(4);

    assertThat(prune(twoOfFour, rows(1, 8), .5, 2, 3, 0, 4, 5, 9, 1, 1))
        .isEqualTo(mask(0, 1, 0, 1, 1, 1, 0, 0));
    assertThat(prune(twoOfFour, rows(2, 4), .5, 2, 3, 0, 4, 5, 9, 1, 1))
        .isEqualTo(mask(0, 1, 0, 1, 1, 1, 0, 0));
    assertThat(prune(twoOfFour, rows(1, 4), .5, .25, -1.33, .43, -.11)).isEqualTo(mask(0, 1, 1, 0));
    assertThat(prune(twoOfFour, rows(1, 4), .5, 1, 1, 1, 1)).isEqualTo(mask(1, 1, 0, 0));
  }

  @Test
  void shouldNotLetGroupsCrossRows() {
    // Two rows of six: groups of four and of two, of which nothing may go.
    Mask mask =
        prune(
            SparsityPattern.keep(2).of(4),
            rows(2, 6),
            4 / 12.0,
            1,
            2,
            3,
            4,
            0,
            0,
            1,
            2,
            3,
            4,
            0,
            0);

    assertThat(mask).isEqualTo(mask(0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1));
    assertThatThrownBy(
            () ->
                prune(
                    SparsityPattern.keep(2).of(4),
                    rows(2, 6),
                    .5,
                    IntStream.range(0, 12).mapToDouble(i -> i).toArray()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot remove 6 of 12 weights in 1 tensor (t)")
        .hasMessageContaining("at most 4 may go, 2 fewer");
  }

  @Test
  void shouldGetToNOfMGradually() {
    SparsityPattern pattern = SparsityPattern.keep(1).of(4);
    KernelLayout layout = rows(10, 40);
    Random random = new Random(1);
    Mask current = Mask.dense(400);
    for (double sparsity : new double[] {.1, .25, .4, .6, .7, .75}) {
      double[] scores = random.doubles(400).toArray();
      Mask next = prune(pattern, layout, scores, current, sparsity * 400);
      assertThat(next.removed()).isEqualTo((int) Math.round(sparsity * 400));
      assertThat(next.minus(current).kept()).as("none returns").isZero();
      current = next;
    }
    for (int group = 0; group < 100; group++) {
      int kept = 0;
      for (int i = 4 * group; i < 4 * group + 4; i++) {
        kept += current.isKept(i) ? 1 : 0;
      }
      assertThat(kept).isEqualTo(1);
    }
  }

  // ------------------------------------------------------------------------------ hand-made

  @Test
  void shouldRemoveTheBlocksWithTheLowestMean() {
    double[] matrix = {.1, .1, .2, .2, .1, .1, .2, .2, .3, .3, .4, .4, .3, .3, .4, .4};

    assertThat(prune(SparsityPattern.block(2, 2), rows(4, 4), .5, matrix))
        .isEqualTo(mask(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  }

  @ParameterizedTest
  @CsvSource({"16, 0.1, 2", "16, 0.09375, 2", "16, 0.09374, 1", "10, 0.99, 9", "100, 0.29, 29"})
  void shouldRoundFiltersHalfUp(int filters, double sparsity, int removed) {
    for (int size : new int[] {1, 9, 100}) {
      KernelLayout layout = KernelLayoutTest.layout("oipp", 'c', filters, size, 1, 1);
      double[] scores = IntStream.range(0, filters * size).mapToDouble(i -> i + 1).toArray();
      assertThat(prune(SparsityPattern.channel(), layout, sparsity, scores).removed())
          .isEqualTo(removed * size);
    }
  }

  @Test
  void shouldScoreOutputChannelsByBatchNormalisation() {
    SparsityPattern slimming = SparsityPattern.channel(Axis.OUTPUT, Score.BATCH_NORM);
    double[] scores = {9, 9, 5, 5, 1, 1};
    double[] gamma = {.1, -3, .2};
    TensorScores tensor =
        new TensorScores("c.W", rows(3, 2), scores, Mask.dense(6), Optional.of(gamma));

    ScoredTensor units = slimming.units(tensor);

    assertThat(units.scores()).containsExactly(.1, 3, .2);
    assertThat(slimming.needsOutputScales()).isTrue();
    assertThat(SparsityPattern.channel().needsOutputScales()).isFalse();
    assertThatThrownBy(
            () ->
                slimming.units(
                    new TensorScores("c.W", rows(3, 2), scores, Mask.dense(6), Optional.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("c.W: expected a batch normalisation")
        .hasMessageContaining("found none");
    assertThatThrownBy(
            () ->
                slimming.units(
                    new TensorScores(
                        "c.W", rows(3, 2), scores, Mask.dense(6), Optional.of(new double[2]))))
        .hasMessageContaining("found 2 scales");
  }

  @Test
  void channelsOfDifferentSizeAreRoundedToTheNearestWeight() {
    // Peepholes and all: every unit of a GravesLSTM has the same size; blocks at an edge have not.
    Mask mask = prune(SparsityPattern.block(1, 4), rows(1, 6), .5, 1, 1, 1, 1, 9, 9);
    assertThat(mask).isEqualTo(mask(0, 0, 0, 0, 1, 1));
    mask = prune(SparsityPattern.block(1, 4), rows(1, 6), .33, 1, 1, 1, 1, 9, 9);
    assertThat(mask.removed()).as("1.98 of a block of 4 is less than half").isZero();
  }

  @Test
  void shouldRefuseBadValues() {
    assertThatThrownBy(() -> SparsityPattern.keep(0).of(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 <= n < m, but is keep(0).of(4)");
    for (int of : new int[] {2, 1, -1}) {
      assertThatThrownBy(() -> SparsityPattern.keep(2).of(of))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> SparsityPattern.block(0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0×2");
    assertThatThrownBy(() -> SparsityPattern.block(2, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SparsityPattern.block(2, 2, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SparsityPattern.channel(Axis.INPUT, Score.BATCH_NORM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("L1 or L2");
    assertThatThrownBy(() -> SparsityPattern.channel(null, Score.L1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SparsityPattern.channel(Axis.INPUT, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new TensorScores("t", rows(2, 2), new double[3], Mask.dense(4), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 3");
  }
}
