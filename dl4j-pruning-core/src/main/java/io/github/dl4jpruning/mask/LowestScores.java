package io.github.dl4jpruning.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Removes the entries with the lowest scores, exactly as many as asked for.
 *
 * <p>Afterwards, for every kept entry k and every entry r that was removed just now: score(k) &gt;
 * score(r), or the scores are equal and k comes first by (tensor, flat index). The one exception is
 * an entry that was spared because it is the last of its tensor. −0.0 and 0.0 are equal. Linear in
 * the number of entries.
 */
public final class LowestScores {

  private LowestScores() {}

  /**
   * New masks for tensors that compete with each other.
   *
   * @param pool the tensors, in the order in which ties are broken
   * @param removed number of entries that are removed in the end, those of the prior masks
   *     included. Where the prior masks removed as many or more, they are given back.
   * @return one mask per tensor, in the same order; each keeps at least one entry
   * @throws IllegalArgumentException if a score of an entry that is still kept is NaN or infinite,
   *     or {@code removed} would leave a tensor without an entry
   */
  public static List<Mask> remove(List<ScoredTensor> pool, long removed) {
    long entries = 0;
    long before = 0;
    for (ScoredTensor tensor : pool) {
      entries += tensor.prior().length();
      before += tensor.prior().removed();
    }
    if (removed > entries - pool.size()) {
      throw new IllegalArgumentException(
          "cannot remove "
              + removed
              + " of "
              + entries
              + " weights in "
              + pool.size()
              + " tensors: each keeps at least one");
    }
    if (removed <= before) {
      return pool.stream().map(ScoredTensor::prior).toList();
    }
    List<Mask> masks = RadixSelection.removeLowest(pool, removed - before);
    return keepOneEach(pool, masks, removed);
  }

  /**
   * Where the selection emptied tensors, their best entry is spared and the others give up more
   * instead. Each round settles at least one tensor for good (a higher threshold would empty it as
   * well), so there are few rounds.
   */
  private static List<Mask> keepOneEach(List<ScoredTensor> pool, List<Mask> masks, long removed) {
    if (masks.stream().noneMatch(mask -> mask.kept() == 0)) {
      return masks;
    }
    List<Mask> settled = new ArrayList<>(Collections.nCopies(pool.size(), null));
    List<ScoredTensor> rest = new ArrayList<>();
    long left = removed;
    for (int i = 0; i < pool.size(); i++) {
      ScoredTensor tensor = pool.get(i);
      if (masks.get(i).kept() == 0) {
        int allButOne = tensor.prior().length() - 1;
        settled.set(i, remove(List.of(tensor), allButOne).get(0));
        left -= allButOne;
      } else {
        rest.add(tensor);
      }
    }
    List<Mask> others = remove(rest, left);
    int next = 0;
    for (int i = 0; i < pool.size(); i++) {
      if (settled.get(i) == null) {
        settled.set(i, others.get(next++));
      }
    }
    return Collections.unmodifiableList(Arrays.asList(settled.toArray(Mask[]::new)));
  }
}
