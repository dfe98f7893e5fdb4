package io.github.dl4jpruning.allocate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Erdős–Rényi–Kernel: a tensor with dimensions d₁ … d_k has the density min(1, ε·(d₁ + … + d_k) /
 * (d₁ · … · d_k)), with ε such that the total is exact. The dimensions are those of the tensor's
 * shape. Weights already removed, floors and protection by the pattern set bounds; the other
 * tensors make up the difference.
 *
 * <p>Source: U. Evci et al., "Rigging the lottery", 2020 (arXiv 1911.11134), after D. C. Mocanu et
 * al., 2018 (arXiv 1707.04780).
 */
public record ErdosRenyiKernelDistribution() implements SparsityDistribution {

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    double total = Shares.total(tensors, due.sparsity());
    Shares.checkFits(tensors, total);
    long[] least =
        tensors.stream().mapToLong(tensor -> tensor.weights() - tensor.mostRemoved()).toArray();
    long[] most =
        tensors.stream()
            .mapToLong(tensor -> tensor.weights() - tensor.tensor().removed())
            .toArray();
    double kept = tensors.stream().mapToLong(Contender::weights).sum() - total;
    kept = Math.min(kept, (double) Arrays.stream(most).sum());
    double[] whole = Shares.whole(tensors, kept(tensors, least, most, kept), least, most, kept);
    List<RemovalPool> pools = new ArrayList<>();
    for (int t = 0; t < whole.length; t++) {
      Contender tensor = tensors.get(t);
      pools.add(RemovalPool.of(t, tensor, tensor.weights() - whole[t]));
    }
    return pools;
  }

  private static double[] kept(List<Contender> tensors, long[] least, long[] most, double total) {
    double[] raw =
        tensors.stream()
            .mapToDouble(
                tensor ->
                    tensor.parameter().shape().stream().mapToLong(Long::longValue).sum()
                        * (tensor.weights() / (double) product(tensor.parameter().shape())))
            .toArray();
    return Shares.share(raw, least, most, total);
  }

  private static long product(List<Long> shape) {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** Returns the sparsities before rounding to whole weights, without floors. */
  static double[] sparsities(List<Contender> tensors, double sparsity) {
    long[] least = tensors.stream().mapToLong(tensor -> 0).toArray();
    long[] most = tensors.stream().mapToLong(Contender::weights).toArray();
    double[] kept = kept(tensors, least, most, Arrays.stream(most).sum() * (1 - sparsity));
    Arrays.setAll(kept, i -> 1 - kept[i] / most[i]);
    return kept;
  }

  @Override
  public String toString() {
    return "erdosRenyiKernel";
  }
}
