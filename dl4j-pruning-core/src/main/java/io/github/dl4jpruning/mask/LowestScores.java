package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.mask.RadixSelection.LastUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Removes exactly the requested number of units with the lowest scores.
 *
 * <p>Afterwards, for every kept candidate k and every newly removed unit r: score(k) &gt; score(r),
 * or the scores are equal and k comes first by (tensor, index). The only exceptions are units of a
 * tensor that has reached its lower limit. −0.0 and 0.0 are equal. The time is linear in the number
 * of units.
 */
public final class LowestScores {

  private LowestScores() {}

  /**
   * Returns new masks for tensors that are ranked together; each tensor keeps at least one unit.
   *
   * @param pool the tensors, in tie-breaking order
   * @param removed total number of removed weights, including those of the prior masks; rounded
   *     half up to whole units. If the prior masks remove as many or more, they are returned
   *     unchanged.
   * @return one mask over units per tensor, in the same order
   * @throws IllegalArgumentException as for {@link #remove(List, double, List)}
   */
  public static List<Mask> remove(List<ScoredTensor> pool, double removed) {
    return remove(pool, removed, Collections.nCopies(pool.size(), 1L));
  }

  /**
   * Returns new masks for tensors that are ranked together.
   *
   * @param pool the tensors, in tie-breaking order
   * @param removed total number of removed weights, including those of the prior masks; rounded
   *     half up to whole units. If the prior masks remove as many or more, they are returned
   *     unchanged.
   * @param keep for each tensor, the least number of weights to keep; at least one unit is always
   *     kept
   * @return one mask over units per tensor, in the same order
   * @throws IllegalArgumentException if a score of a candidate is NaN or infinite, or {@code
   *     removed} is more than {@code keep} and the candidates allow
   */
  public static List<Mask> remove(List<ScoredTensor> pool, double removed, List<Long> keep) {
    double due = removed - pool.stream().mapToLong(ScoredTensor::removed).sum();
    // Below half a weight nothing is due: the prior masks already suffice.
    if (due < 0.5) {
      return pool.stream().map(ScoredTensor::prior).toList();
    }
    long[] most = new long[pool.size()];
    for (int t = 0; t < most.length; t++) {
      ScoredTensor tensor = pool.get(t);
      long limit = Math.min(tensor.mostRemoved(), tensor.weights() - keep.get(t));
      most[t] = Math.max(0, limit - tensor.removed());
    }
    long capacity = Arrays.stream(most).sum();
    // Rounding may leave over units, but not single weights.
    long slack = pool.stream().mapToLong(tensor -> tensor.sizes().largest() / 2).max().orElse(0);
    if (Math.floor(due + 0.5) > capacity + slack) {
      throw tooMany(pool, removed, capacity);
    }
    return removeWithin(pool, Math.min(due, (double) capacity), most);
  }

  private static IllegalArgumentException tooMany(
      List<ScoredTensor> pool, double removed, long capacity) {
    long weights = pool.stream().mapToLong(ScoredTensor::weights).sum();
    long most = capacity + pool.stream().mapToLong(ScoredTensor::removed).sum();
    String names = String.join(", ", pool.stream().map(ScoredTensor::name).limit(5).toList());
    return new IllegalArgumentException(
        "cannot remove "
            + Math.round(removed)
            + " of "
            + weights
            + " weights in "
            + pool.size()
            + (pool.size() == 1 ? " tensor (" : " tensors (")
            + names
            + (pool.size() > 5 ? ", …" : "")
            + "): at most "
            + most
            + " may go, "
            + (Math.round(removed) - most)
            + " fewer, since each tensor keeps at least one unit, what its floor asks for, and what"
            + " the pattern protects");
  }

  /**
   * If the selection takes more from a tensor than allowed, that tensor loses only what is allowed,
   * and the others lose more instead. Each pass settles at least one tensor for good (a higher
   * threshold would take too much of it as well), so there are few passes.
   */
  private static List<Mask> removeWithin(List<ScoredTensor> pool, double due, long[] most) {
    if (due <= 0) {
      return pool.stream().map(ScoredTensor::prior).toList();
    }
    List<Mask> masks = RadixSelection.removeLowest(pool, due, LastUnit.TO_NEAREST);
    List<Mask> settled = new ArrayList<>(Collections.nCopies(pool.size(), null));
    List<ScoredTensor> rest = new ArrayList<>();
    List<Long> mostOfRest = new ArrayList<>();
    double left = due;
    for (int t = 0; t < pool.size(); t++) {
      ScoredTensor tensor = pool.get(t);
      long taken = tensor.sizes().kept(tensor.prior()) - tensor.sizes().kept(masks.get(t));
      if (taken > most[t]) {
        Mask own =
            most[t] == 0
                ? tensor.prior()
                : RadixSelection.removeLowest(List.of(tensor), (double) most[t], LastUnit.WHOLE)
                    .get(0);
        settled.set(t, own);
        left -= tensor.sizes().kept(tensor.prior()) - tensor.sizes().kept(own);
      } else {
        rest.add(tensor);
        mostOfRest.add(most[t]);
      }
    }
    if (rest.size() == pool.size()) {
      return masks;
    }
    double capacity = mostOfRest.stream().mapToLong(Long::longValue).sum();
    List<Mask> others =
        removeWithin(
            rest,
            Math.min(left, capacity),
            mostOfRest.stream().mapToLong(Long::longValue).toArray());
    int next = 0;
    for (int t = 0; t < pool.size(); t++) {
      if (settled.get(t) == null) {
        settled.set(t, others.get(next++));
      }
    }
    return Collections.unmodifiableList(Arrays.asList(settled.toArray(Mask[]::new)));
  }
}
