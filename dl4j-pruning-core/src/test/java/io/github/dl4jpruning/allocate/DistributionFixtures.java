package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.testing.Tensors.contenders;

import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import java.util.List;

/** Tensors of given sizes, and what a distribution removes of them. */
final class DistributionFixtures {

  static final double NO_PROGRESS = Double.NaN;

  private DistributionFixtures() {}

  static Due due(double sparsity) {
    return new Due(sparsity, NO_PROGRESS);
  }

  /** Weights removed of each tensor, once the pools are served. */
  static long[] removed(SparsityDistribution distribution, List<Contender> tensors, Due due) {
    long[] removed = new long[tensors.size()];
    for (RemovalPool pool : distribution.allocate(tensors, due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> tensors.get(t).tensor()).toList();
      List<Mask> masks = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < masks.size(); m++) {
        removed[pool.tensors().get(m)] = masks.get(m).removed();
      }
    }
    return removed;
  }

  static List<Contender> sized(List<Integer> sizes) {
    return contenders(sizes.stream().map(size -> new long[] {size}).toArray(long[][]::new));
  }
}
