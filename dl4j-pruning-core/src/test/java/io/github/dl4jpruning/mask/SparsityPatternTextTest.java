package io.github.dl4jpruning.mask;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.ChannelPattern.Axis;
import io.github.dl4jpruning.mask.ChannelPattern.Score;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayoutTest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What patterns say of themselves, and how they score their units. */
class SparsityPatternTextTest {

  /** Two outputs of two inputs each. */
  private static final KernelLayout TWO = KernelLayoutTest.layout("io", 'f', 2, 2);

  private static final double[] SCORES = {1.0, -7.0, 3.0, 4.0};

  @Test
  void eachPatternIsCalledAsItIsBuilt() {
    assertThat(SparsityPattern.unstructured()).hasToString("unstructured");
    assertThat(SparsityPattern.keep(2).of(4)).hasToString("keep(2).of(4)");
    assertThat(SparsityPattern.block(2, 3)).hasToString("block(2, 3, mean)");
    assertThat(SparsityPattern.channel()).hasToString("channel(output, l1)");
    assertThat(SparsityPattern.channel(Axis.INPUT, Score.L2)).hasToString("channel(input, l2)");
    assertThat(SparsityPattern.coupledChannels()).hasToString("coupledChannels(l1, normalised)");
    assertThat(SparsityPattern.coupledChannels(Score.BATCH_NORM, false))
        .hasToString("coupledChannels(batch_norm)");
  }

  @Test
  void unitsAreScoredFromTheirWeights() {
    assertThat(SparsityPattern.unstructured().unitScores(TWO, SCORES)).isEqualTo(SCORES);
    assertThat(SparsityPattern.keep(1).of(2).unitScores(TWO, SCORES)).isEqualTo(SCORES);
    assertThat(SparsityPattern.block(1, 2).unitScores(TWO, SCORES)).containsExactly(-3.0, 3.5);
    assertThat(SparsityPattern.block(1, 2, BlockPattern.Score.MAX).unitScores(TWO, SCORES))
        .containsExactly(1.0, 4.0);
    // Scores of movement may all be below zero.
    assertThat(
            SparsityPattern.block(1, 2, BlockPattern.Score.MAX)
                .unitScores(TWO, new double[] {-1.0, -7.0, -3.0, -4.0}))
        .containsExactly(-1.0, -3.0);
    assertThat(SparsityPattern.channel().unitScores(TWO, SCORES)).containsExactly(-3.0, 3.5);
    // A square keeps the sign of its score: −48 / 2 and 25 / 2.
    assertThat(SparsityPattern.channel(Axis.OUTPUT, Score.L2).unitScores(TWO, SCORES))
        .containsExactly(-Math.sqrt(24.0), Math.sqrt(12.5));
    assertThat(SparsityPattern.channel(Axis.INPUT, Score.L1).unitScores(TWO, SCORES))
        .containsExactly(2.0, -1.5);
  }

  /** Inside of one tensor, coupled channels are its output channels. */
  @Test
  void coupledChannelsExtendOutputChannels() {
    SparsityPattern coupled = SparsityPattern.coupledChannels(Score.L2, true);
    SparsityPattern alone = SparsityPattern.channel(Axis.OUTPUT, Score.L2);

    assertThat(coupled.coupled()).isTrue();
    assertThat(coupled.needsOutputScales()).isFalse();
    assertThat(coupled.unitScores(TWO, SCORES)).isEqualTo(alone.unitScores(TWO, SCORES));
    assertThat(coupled.weights(TWO, mask(0, 1))).isEqualTo(mask(0, 0, 1, 1));
    ScoredTensor units =
        coupled.units(new TensorScores("t", TWO, SCORES, mask(1, 0, 0, 0), Optional.empty()));
    assertThat(units.prior()).isEqualTo(mask(1, 0));
    assertThat(units.weights()).isEqualTo(4);
    for (SparsityPattern pattern :
        List.of(SparsityPattern.unstructured(), alone, SparsityPattern.block(1, 2))) {
      assertThat(pattern.coupled()).isFalse();
    }
    assertThatThrownBy(() -> SparsityPattern.coupledChannels(null, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a score");
  }

  @Test
  void thereIsAScoreAndAMaskForEachWeight() {
    assertThatThrownBy(() -> new TensorScores("t", TWO, SCORES, Mask.dense(3), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("t: expected one score for each of 4 weights");
    assertThatThrownBy(
            () -> new ScoredTensor("t", SCORES, Mask.dense(4), Mask.dense(5), UnitSizes.ones(4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Of a group the best two are protected, and of equal ones the first. */
  @Test
  void ofEqualsInAGroupTheFirstAreProtected() {
    SparsityPattern pattern = SparsityPattern.keep(2).of(4);
    KernelLayout row = KernelLayoutTest.layout("io", 'f', 4, 1);
    Mask dense = Mask.dense(4);

    assertThat(pattern.candidates(row, new double[] {1, 5, 1, 1}, dense))
        .isEqualTo(mask(0, 0, 1, 1));
    assertThat(pattern.candidates(row, new double[] {1, 1, 5, 6}, dense))
        .isEqualTo(mask(1, 1, 0, 0));
    assertThat(pattern.candidates(row, new double[] {0.0, -0.0, 0.0, -0.0}, dense))
        .isEqualTo(mask(0, 0, 1, 1));
    assertThat(pattern.candidates(row, new double[] {9, 3, 2, 3}, mask(0, 1, 1, 1)))
        .isEqualTo(mask(0, 0, 1, 0));
    assertThat(pattern.candidates(row, new double[] {9, 3, 2, 3}, mask(1, 0, 1, 0)).kept())
        .isZero();
  }
}
