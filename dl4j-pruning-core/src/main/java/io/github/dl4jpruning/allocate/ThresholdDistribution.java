package io.github.dl4jpruning.allocate;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Removes every unit whose score is below a threshold. The schedule scales the threshold, from 0 to
 * the given value at its peak. The resulting sparsity is not controlled.
 *
 * <p>In deviations, the threshold of a tensor is q times the standard deviation of its present
 * weights (removed ones are zeros). For N(0, 1) and q = 1, 68.27% are removed.
 *
 * <p>Source: S. Han et al., "Learning both weights and connections", 2015 (arXiv 1506.02626).
 *
 * @param threshold τ, or q; above 0
 * @param inDeviations whether the threshold is in standard deviations of each tensor
 */
public record ThresholdDistribution(double threshold, boolean inDeviations)
    implements SparsityDistribution {

  /**
   * Checks the value.
   *
   * @throws IllegalArgumentException if the threshold is not a finite number above 0
   */
  public ThresholdDistribution {
    if (!(threshold > 0) || Double.isInfinite(threshold)) {
      throw new IllegalArgumentException(
          "threshold must be a finite number above 0, but is " + threshold);
    }
  }

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    double progress = due.knownProgress(this);
    double scaled = threshold * progress;
    List<RemovalPool> pools = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      Contender tensor = tensors.get(t);
      double limit = inDeviations ? scaled * tensor.deviation() : scaled;
      // At progress 0 nothing is due, although some criteria have scores below 0.
      long removed =
          tensor.tensor().removed() + (progress == 0.0 ? 0 : below(tensor.tensor(), limit));
      pools.add(RemovalPool.of(t, tensor, (double) Math.min(removed, tensor.mostRemoved())));
    }
    return pools;
  }

  private static long below(ScoredTensor tensor, double limit) {
    Mask candidates = tensor.candidates();
    IntStream words = IntStream.range(0, candidates.words());
    return (candidates.words() < 1024 ? words : words.parallel())
        .mapToLong(
            w -> {
              long sum = 0;
              for (long bits = candidates.word(w); bits != 0; bits &= bits - 1) {
                int unit = w * Mask.WORD + Long.numberOfTrailingZeros(bits);
                sum += tensor.scores()[unit] < limit ? tensor.sizes().of(unit) : 0;
              }
              return sum;
            })
        .sum();
  }

  @Override
  public boolean sharesTotal() {
    return false;
  }

  @Override
  public boolean needsDeviations() {
    return inDeviations;
  }

  @Override
  public boolean needsProgress() {
    return true;
  }

  @Override
  public String toString() {
    return inDeviations ? "threshold of " + threshold + "σ" : "threshold of " + threshold;
  }
}
