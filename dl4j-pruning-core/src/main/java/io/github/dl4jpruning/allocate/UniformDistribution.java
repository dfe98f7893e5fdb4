package io.github.dl4jpruning.allocate;

import java.util.ArrayList;
import java.util.List;

/**
 * One pool for each tensor, all with the same sparsity. If a floor prevents a tensor from reaching
 * it, all other tensors get the same higher sparsity. See {@link SparsityDistribution#uniform()}.
 */
public record UniformDistribution() implements SparsityDistribution {

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    double[] removed =
        tensors.stream().mapToDouble(tensor -> due.sparsity() * tensor.weights()).toArray();
    boolean floorHit = false;
    for (int t = 0; t < removed.length; t++) {
      Contender tensor = tensors.get(t);
      floorHit |=
          tensor.keep() > 1 && Math.floor(removed[t] + 0.5) > tensor.weights() - tensor.keep();
    }
    if (floorHit) {
      removed = aroundFloors(tensors, removed);
    }
    List<RemovalPool> pools = new ArrayList<>();
    for (int t = 0; t < removed.length; t++) {
      pools.add(RemovalPool.of(t, tensors.get(t), removed[t]));
    }
    return pools;
  }

  private static double[] aroundFloors(List<Contender> tensors, double[] wanted) {
    double total = 0;
    for (int t = 0; t < wanted.length; t++) {
      Contender tensor = tensors.get(t);
      double whole = Math.floor(wanted[t] + 0.5);
      // Without a floor, a tensor that must keep its last unit simply loses less.
      total +=
          tensor.keep() > 1
              ? whole
              : Math.min(whole, (double) (tensor.weights() - tensor.fewest()));
    }
    Shares.checkFits(tensors, total);
    double[] weights = tensors.stream().mapToDouble(Contender::weights).toArray();
    long[] least = tensors.stream().mapToLong(tensor -> tensor.tensor().removed()).toArray();
    long[] most = tensors.stream().mapToLong(Contender::mostRemoved).toArray();
    return Shares.whole(tensors, Shares.share(weights, least, most, total), least, most, total);
  }

  @Override
  public String toString() {
    return "uniform";
  }
}
