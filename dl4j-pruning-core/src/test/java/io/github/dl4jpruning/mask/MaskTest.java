package io.github.dl4jpruning.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
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
}
