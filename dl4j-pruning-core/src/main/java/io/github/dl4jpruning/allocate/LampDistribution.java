package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.mask.LampRanking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Layer-adaptive magnitude pruning: a global ranking by score(u) = x_u² / Σ x_v² over the units v
 * of the same tensor with x_v ≥ x_u, where x is the criterion's score. See {@link LampRanking}.
 *
 * <p>Source: J. Lee et al., "Layer-adaptive sparsity for the magnitude-based pruning", 2021 (arXiv
 * 2010.07611).
 */
public record LampDistribution() implements SparsityDistribution {

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    double total = Shares.total(tensors, due.sparsity());
    Shares.checkFits(tensors, total);
    long[] removed = tensors.stream().mapToLong(tensor -> tensor.tensor().removed()).toArray();
    rank(
        tensors,
        new ArrayList<>(Arrays.asList(indices(tensors.size()))),
        removed,
        total - Arrays.stream(removed).sum());
    List<RemovalPool> pools = new ArrayList<>();
    for (int t = 0; t < removed.length; t++) {
      pools.add(RemovalPool.of(t, tensors.get(t), (double) removed[t]));
    }
    return pools;
  }

  private static Integer[] indices(int count) {
    Integer[] indices = new Integer[count];
    Arrays.setAll(indices, i -> i);
    return indices;
  }

  /**
   * Repeats the ranking without the tensors that would lose more than they may, until there are
   * none. Each pass settles at least one tensor.
   */
  private static void rank(
      List<Contender> tensors, List<Integer> active, long[] removed, double due) {
    double left = due;
    boolean settled = true;
    while (settled && left > 0 && !active.isEmpty()) {
      long[] more =
          LampRanking.removals(active.stream().map(t -> tensors.get(t).tensor()).toList(), left);
      settled = false;
      List<Integer> others = new ArrayList<>();
      for (int i = 0; i < more.length; i++) {
        int t = active.get(i);
        long most = tensors.get(t).mostRemoved() - removed[t];
        if (more[i] > most) {
          removed[t] += most;
          left -= most;
          settled = true;
        } else {
          others.add(t);
        }
      }
      if (!settled) {
        for (int i = 0; i < more.length; i++) {
          removed[active.get(i)] += more[i];
        }
      }
      active = others;
    }
  }

  @Override
  public String toString() {
    return "lamp";
  }
}
