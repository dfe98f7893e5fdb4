package io.github.dl4jpruning.mask;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class UnitSizesTest {

  private static ScoredTensor tensor(Mask prior, Mask candidates, int... sizes) {
    double[] scores = {1, 4, 3, 2};
    return new ScoredTensor("t", scores, prior, candidates, UnitSizes.of(sizes));
  }

  @Test
  void unitsMayBeOfOneSizeOrOfSeveral() {
    UnitSizes ones = UnitSizes.ones(4);
    assertThat(ones.areOnes() && ones.areAlike()).isTrue();
    assertThat(ones.total()).isEqualTo(4);
    assertThat(ones.largestOnes(4)).isEqualTo(Mask.dense(4));
    UnitSizes threes = UnitSizes.of(new int[] {3, 3});
    assertThat(threes.areAlike()).isTrue();
    assertThat(threes.areOnes()).isFalse();
    assertThat(threes.of(1)).isEqualTo(3);
    assertThat(threes.total()).isEqualTo(6);
    assertThat(threes.largest()).isEqualTo(3);
    assertThat(threes.kept(mask(0, 1))).isEqualTo(3);
    UnitSizes mixed = UnitSizes.of(new int[] {1, 3, 2, 3});
    assertThat(mixed.areAlike() || mixed.areOnes()).isFalse();
    assertThat(mixed.of(2)).isEqualTo(2);
    assertThat(mixed.total()).isEqualTo(9);
    assertThat(mixed.largest()).isEqualTo(3);
    assertThat(mixed.largestOnes(4)).isEqualTo(mask(0, 1, 0, 1));
    assertThat(mixed.kept(mask(1, 0, 1, 0))).isEqualTo(3);
  }

  @Test
  void weightsOfUnitsInSeveralWordsAreAddedUp() {
    int[] sizes = new int[130];
    Arrays.setAll(sizes, i -> 1 + i % 2);
    boolean[] kept = new boolean[130];
    kept[0] = true;
    kept[65] = true;
    kept[129] = true;

    assertThat(UnitSizes.of(sizes).kept(Mask.of(kept))).isEqualTo(5);
  }

  /** The last unit to go is the candidate with the highest score. */
  @Test
  void theLastUnitStays() {
    Mask all = Mask.dense(4);
    assertThat(tensor(all, all, 5, 6, 7, 8).lastUnit()).isEqualTo(6);
    assertThat(tensor(all, all, 5, 6, 7, 8).mostRemoved()).isEqualTo(20);
    assertThat(tensor(all, all, 5, 6, 7, 8).largestUnit()).isEqualTo(8);
    assertThat(tensor(all, mask(1, 0, 0, 1), 5, 6, 7, 8).lastUnit()).isEqualTo(8);
    assertThat(tensor(all, mask(0, 0, 0, 0), 5, 6, 7, 8).lastUnit()).isZero();
    assertThat(tensor(all, all, 5, 5, 5, 5).lastUnit()).isEqualTo(5);
  }

  /** What is protected stays anyway, so that all candidates may go. */
  @Test
  void candidatesMayAllGoIfOthersStay() {
    ScoredTensor some = tensor(mask(0, 1, 1, 1), mask(0, 1, 0, 1), 5, 6, 7, 8);

    assertThat(some.weights()).isEqualTo(26);
    assertThat(some.removed()).isEqualTo(5);
    assertThat(some.mostRemoved()).isEqualTo(5 + 6 + 8);
  }

  @Test
  void ofEqualUnitsTheFirstIsTheLastToGo() {
    ScoredTensor equal =
        new ScoredTensor(
            "t", new double[] {2, 2}, Mask.dense(2), Mask.dense(2), UnitSizes.of(new int[] {3, 4}));

    assertThat(equal.lastUnit()).isEqualTo(3);
  }
}
