package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayout.Axis;
import io.github.dl4jpruning.select.KernelLayout.Part;
import io.github.dl4jpruning.select.KernelLayout.Role;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * N:M sparsity: of every {@code of} consecutive weights along the input axis, at least {@code keep}
 * are kept. Groups never cross rows: a row belongs to one output channel and one kernel position
 * (or gate).
 *
 * <p>The best {@code keep} weights of a group are protected; all others are candidates, as in an
 * unstructured tensor. So any schedule can lead to the pattern, and at a sparsity of 1 − keep/of
 * every group has exactly {@code keep} weights. Higher sparsities are rejected. If {@code of} does
 * not divide the input axis, the last group of a row is smaller but keeps as many weights (as if it
 * were padded with zeros), so such a tensor reaches a slightly lower sparsity.
 *
 * <p>Source: A. Mishra et al., "Accelerating sparse deep neural networks", 2021 (arXiv 2104.08378).
 *
 * @param keep weights to keep in each group, at least 1
 * @param of weights in a group, more than {@code keep}
 */
public record NOfMPattern(int keep, int of) implements SparsityPattern {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException unless 1 ≤ keep &lt; of
   */
  public NOfMPattern {
    if (keep < 1 || of <= keep) {
      throw new IllegalArgumentException(
          "keep(n).of(m) needs 1 <= n < m, but is keep(" + keep + ").of(" + of + ")");
    }
  }

  @Override
  public ScoredTensor units(TensorScores tensor) {
    return new ScoredTensor(
        tensor.name(),
        tensor.scores(),
        tensor.prior(),
        candidates(tensor.layout(), tensor.scores(), tensor.prior()),
        UnitSizes.ones(tensor.scores().length));
  }

  @Override
  public Mask candidates(KernelLayout layout, double[] scores, Mask prior) {
    long[] candidates = new long[prior.words()];
    Group group = new Group(scores, prior, candidates);
    int start = 0;
    for (Part part : layout.parts()) {
      List<Axis> axes = part.axes();
      int input =
          IntStream.range(0, axes.size())
              .filter(a -> axes.get(a).role() == Role.INPUT)
              .max()
              .orElse(-1);
      int along = input < 0 ? 1 : axes.get(input).size();
      int step =
          axes.stream()
              .skip(input < 0 ? axes.size() : input + 1L)
              .mapToInt(Axis::size)
              .reduce(1, (a, b) -> a * b);
      int end = start + part.length();
      for (int outer = start; outer < end; outer += along * step) {
        for (int first = outer; first < outer + step; first++) {
          for (long i = 0; i < along; i += of) {
            group.markCandidates(first + (int) i * step, step, (int) Math.min(of, along - i));
          }
        }
      }
      start = end;
    }
    return new Mask(scores.length, candidates);
  }

  /** Finds the entries of a group that may be removed. */
  private final class Group {
    private final double[] scores;
    private final Mask prior;
    private final long[] candidates;
    private final int[] indices;
    private final double[] sorted;

    Group(double[] scores, Mask prior, long[] candidates) {
      this.scores = scores;
      this.prior = prior;
      this.candidates = candidates;
      // A group is never longer than a row.
      this.indices = new int[Math.min(of, scores.length)];
      this.sorted = new double[indices.length];
    }

    void markCandidates(int first, int step, int size) {
      int kept = 0;
      for (int i = 0, index = first; i < size; i++, index += step) {
        if ((prior.word(index >> 6) >>> index & 1L) != 0) {
          indices[kept] = index;
          sorted[kept++] = scores[index] + 0.0;
        }
      }
      if (kept <= keep) {
        return;
      }
      Arrays.sort(sorted, 0, kept);
      double threshold = sorted[kept - keep];
      int above = 0;
      for (int i = kept - keep; i < kept; i++) {
        above += sorted[i] > threshold ? 1 : 0;
      }
      int ties = keep - above; // of equal scores the first are kept
      for (int i = 0; i < kept; i++) {
        double score = scores[indices[i]] + 0.0;
        // NaN is a candidate, so that the selection finds and reports it.
        boolean stays = score > threshold || (score == threshold && ties-- > 0);
        if (!stays) {
          candidates[indices[i] >> 6] |= 1L << indices[i];
        }
      }
    }
  }

  @Override
  public double[] unitScores(KernelLayout layout, double[] scores) {
    return scores;
  }

  @Override
  public Mask weights(KernelLayout layout, Mask units) {
    return units;
  }

  @Override
  public String toString() {
    return "keep(" + keep + ").of(" + of + ")";
  }
}
