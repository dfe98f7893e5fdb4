package io.github.dl4jpruning.export.c;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Shares out one block of memory between buffers: two buffers that are needed at the same time do
 * not overlap. Places the largest buffer first, each at the lowest offset that is free during its
 * life; the order by life is tried as well. For a chain of layers this is the least possible.
 *
 * <p>Source: Y. Pisarchyk and J. Lee, "Efficient Memory Management for Deep Neural Net Inference",
 * 2020 (arXiv 2001.03288), "greedy by size".
 */
final class MemoryPlan {

  /**
   * A buffer.
   *
   * @param size its length
   * @param from the first moment when it is needed
   * @param until the last one, included
   */
  record Life(int size, int from, int until) {
    boolean meets(Life other) {
      return from <= other.until && other.from <= until;
    }
  }

  private final int[] offsets;
  private final int size;

  private MemoryPlan(int[] offsets, int size) {
    this.offsets = offsets;
    this.size = size;
  }

  /**
   * Places all buffers.
   *
   * @throws ArithmeticException if they need more than 2³¹ − 1 places
   */
  static MemoryPlan of(List<Life> lives) {
    Comparator<Life> bySize = Comparator.comparingInt(life -> -life.size());
    Comparator<Life> byLength = Comparator.comparingInt(life -> life.from() - life.until());
    MemoryPlan first = placed(lives, bySize.thenComparing(byLength));
    MemoryPlan second = placed(lives, byLength.thenComparing(bySize));
    return second.size < first.size ? second : first;
  }

  private static MemoryPlan placed(List<Life> lives, Comparator<Life> order) {
    List<Integer> queue = new ArrayList<>();
    for (int i = 0; i < lives.size(); i++) {
      queue.add(i);
    }
    queue.sort(Comparator.comparing(lives::get, order));
    int[] offsets = new int[lives.size()];
    List<Integer> placed = new ArrayList<>();
    int size = 0;
    for (int i : queue) {
      Life life = lives.get(i);
      placed.sort(Comparator.comparingInt(other -> offsets[other]));
      int at = 0;
      for (int other : placed) {
        boolean free = !lives.get(other).meets(life) || at + life.size() <= offsets[other];
        at = free ? at : Math.max(at, offsets[other] + lives.get(other).size());
      }
      offsets[i] = at;
      size = Math.max(size, Math.addExact(at, life.size()));
      placed.add(i);
    }
    return new MemoryPlan(offsets, size);
  }

  /** Returns where a buffer begins. */
  int offset(int buffer) {
    return offsets[buffer];
  }

  /** Returns the length of the block. */
  int size() {
    return size;
  }
}
