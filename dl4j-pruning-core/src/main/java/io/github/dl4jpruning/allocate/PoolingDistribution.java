package io.github.dl4jpruning.allocate;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The distributions that say no more than who competes with whom. */
enum PoolingDistribution implements SparsityDistribution {
  GLOBAL {
    @Override
    public List<RemovalPool> allocate(List<Integer> sizes, double sparsity) {
      long total = sizes.stream().mapToLong(Integer::longValue).sum();
      List<Integer> all = IntStream.range(0, sizes.size()).boxed().toList();
      return List.of(
          new RemovalPool(all, SparsityDistribution.removed(total, sparsity, sizes.size())));
    }
  },
  UNIFORM {
    @Override
    public List<RemovalPool> allocate(List<Integer> sizes, double sparsity) {
      return IntStream.range(0, sizes.size())
          .mapToObj(
              i ->
                  new RemovalPool(
                      List.of(i), SparsityDistribution.removed(sizes.get(i), sparsity, 1)))
          .toList();
    }
  };

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
