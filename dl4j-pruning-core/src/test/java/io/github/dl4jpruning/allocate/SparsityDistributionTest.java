package io.github.dl4jpruning.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SparsityDistributionTest {

  @Test
  void uniformGivesEachTensorTheSameSparsity() {
    assertThat(SparsityDistribution.uniform().allocate(List.of(100, 10, 1), 0.85))
        .containsExactly(
            new RemovalPool(List.of(0), 85),
            new RemovalPool(List.of(1), 9),
            new RemovalPool(List.of(2), 0));
  }

  @Test
  void globalPutsAllIntoOnePool() {
    assertThat(SparsityDistribution.global().allocate(List.of(100, 10, 1), 0.85))
        .containsExactly(new RemovalPool(List.of(0, 1, 2), 94));
  }

  @Property
  void countsAreExactAndLeaveOneEach(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 100_000) Integer> sizes,
      @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double sparsity) {
    long total = sizes.stream().mapToLong(Integer::longValue).sum();

    RemovalPool global = SparsityDistribution.global().allocate(sizes, sparsity).get(0);
    assertThat(global.removed())
        .isEqualTo(Math.min(Math.round(sparsity * total), total - sizes.size()));
    for (RemovalPool pool : SparsityDistribution.uniform().allocate(sizes, sparsity)) {
      int size = sizes.get(pool.tensors().get(0));
      assertThat(pool.removed()).isEqualTo(Math.min(Math.round(sparsity * size), size - 1));
    }
  }
}
