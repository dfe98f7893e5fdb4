package io.github.dl4jpruning.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairwiseTest {

  @Test
  void everyPairIsInARow() {
    int[] sizes = {9, 7, 11, 8, 5};

    List<int[]> rows = Pairwise.pairs(sizes);

    for (int f = 0; f < sizes.length; f++) {
      for (int g = f + 1; g < sizes.length; g++) {
        for (int v = 0; v < sizes[f]; v++) {
          for (int w = 0; w < sizes[g]; w++) {
            int first = f;
            int other = g;
            int value = v;
            int otherValue = w;
            assertThat(rows).anyMatch(row -> row[first] == value && row[other] == otherValue);
          }
        }
      }
    }
    assertThat(rows.size()).isBetween(9 * 11, 2 * 9 * 11);
    assertThat(Pairwise.pairs(sizes).get(17)).containsExactly(rows.get(17)); // the same each time
  }
}
