package io.github.dl4jpruning.allocate;

import java.util.List;
import java.util.stream.IntStream;

/** One pool for all tensors. See {@link SparsityDistribution#global()}. */
public record GlobalDistribution() implements SparsityDistribution {

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    double total = Shares.total(tensors, due.sparsity());
    Shares.checkFits(tensors, total);
    return List.of(
        new RemovalPool(
            IntStream.range(0, tensors.size()).boxed().toList(),
            total,
            tensors.stream().map(Contender::keep).toList()));
  }

  @Override
  public String toString() {
    return "global";
  }
}
