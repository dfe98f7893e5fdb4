package io.github.dl4jpruning.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MaskTest {

  @Property
  void holdsWhatItWasGiven(@ForAll @Size(min = 1, max = 200) boolean[] kept) {
    Mask mask = Mask.of(kept);
    List<Integer> removed = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      assertThat(mask.isKept(i)).isEqualTo(kept[i]);
      if (!kept[i]) {
        removed.add(i);
      }
    }

    List<Integer> visited = new ArrayList<>();
    for (int w = 0; w < mask.words(); w++) {
      for (long left = mask.complement().word(w); left != 0; left &= left - 1) {
        visited.add(w * Mask.WORD + Long.numberOfTrailingZeros(left));
      }
    }

    assertThat(mask.length()).isEqualTo(kept.length);
    assertThat(mask.removed()).isEqualTo(removed.size());
    assertThat(mask.kept() + mask.removed()).isEqualTo(mask.length());
    assertThat(visited).isEqualTo(removed);
    assertThat(mask).isEqualTo(Mask.of(kept)).hasSameHashCodeAs(Mask.of(kept));
  }

  @Test
  void shouldRefuseBadValues() {
    assertThatThrownBy(() -> Mask.dense(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Mask.dense(3).isKept(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Mask.dense(3).isKept(-1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new ScoredTensor("w", new double[2], Mask.dense(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("w: expected one score for each of 3 weights, but found 2");
  }

  @Property(tries = 100)
  void setsOfEntriesAreCombinedOneByOne(
      @ForAll @Size(min = 1, max = 150) boolean[] kept, @ForAll long seed) {
    Random random = new Random(seed);
    boolean[] others = new boolean[kept.length];
    for (int i = 0; i < others.length; i++) {
      others[i] = random.nextBoolean();
    }
    Mask mask = Mask.of(kept);
    Mask other = Mask.of(others);
    for (int i = 0; i < kept.length; i++) {
      assertThat(mask.minus(other).isKept(i)).isEqualTo(kept[i] && !others[i]);
      assertThat(mask.and(other).isKept(i)).isEqualTo(kept[i] && others[i]);
      assertThat(mask.xor(other).isKept(i)).isEqualTo(kept[i] != others[i]);
      assertThat(mask.complement().isKept(i)).isEqualTo(!kept[i]);
    }
  }

  @Test
  void masksOfDifferentLengthsAreNotCombined() {
    Mask three = Mask.dense(3);
    assertThatThrownBy(() -> three.minus(Mask.dense(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a mask of length 3, but found one of 4");
    assertThatThrownBy(() -> three.and(Mask.dense(4))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> three.xor(Mask.dense(4))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMaskCanBeMadeOfASet() {
    BitSet kept = new BitSet();
    kept.set(1);
    kept.set(69);
    Mask mask = Mask.of(70, kept);
    assertThat(mask.length()).isEqualTo(70);
    assertThat(mask.kept()).isEqualTo(2);
    assertThat(mask.isKept(1) && mask.isKept(69)).isTrue();
    assertThat(Mask.of(1, new BitSet()).kept()).isZero();
    assertThatThrownBy(() -> Mask.of(69, kept))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is 69, and the highest index is 69");
    assertThatThrownBy(() -> Mask.of(0, new BitSet())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMaskIsTheSetAndTheLength() {
    assertThat(Mask.dense(64)).isEqualTo(Mask.dense(64)).isNotEqualTo(Mask.dense(65));
    assertThat(Mask.of(true, false)).isNotEqualTo(Mask.of(false, true)).isNotEqualTo("a mask");
    assertThat(Mask.of(true, false).hashCode()).isNotEqualTo(Mask.of(false, true).hashCode());
    assertThat(Mask.of(true, false, true)).hasToString("Mask[2 of 3 kept]");
    for (int length : new int[] {1, 63, 64, 65, 128}) {
      assertThat(Mask.dense(length).kept()).isEqualTo(length);
      assertThat(Mask.dense(length).words()).isEqualTo((length + 63) / 64);
    }
  }
}
