package io.github.dl4jpruning.export.c;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Shares out one block of memory between buffers: two buffers that are needed at the same time do
 * not overlap.
 *
 * <p>The largest buffer comes first, each at the lowest offset that is free during its life. Then
 * other orders are tried, until the block is as small as the busiest moment allows, or for a fixed
 * number of rounds. If it works, buffers lie at both ends of the block by turns, which is the least
 * possible for a chain of layers.
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

  private static final int ROUNDS = 500;

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
    int least = least(lives);
    List<Integer> queue = new ArrayList<>(IntStream.range(0, lives.size()).boxed().toList());
    queue.sort(Comparator.comparingInt(i -> -lives.get(i).size()));
    MemoryPlan best = placed(lives, queue);
    Optional<MemoryPlan> ends = atBothEnds(lives, least);
    if (ends.isPresent()) {
      return ends.get();
    }
    Random random = new Random(1);
    for (int round = 0; round < ROUNDS && best.size > least; round++) {
      int one = random.nextInt(queue.size());
      int other = random.nextInt(queue.size());
      Collections.swap(queue, one, other);
      MemoryPlan next = placed(lives, queue);
      if (next.size <= best.size) {
        best = next;
      } else {
        Collections.swap(queue, one, other);
      }
    }
    return best;
  }

  /** Returns what the busiest moment needs. */
  private static int least(List<Life> lives) {
    int least = 0;
    for (Life now : lives) { // a moment when a buffer begins
      int sum = 0;
      for (Life other : lives) {
        boolean there = other.from() <= now.from() && now.from() <= other.until();
        sum = Math.addExact(sum, there ? other.size() : 0);
      }
      least = Math.max(least, sum);
    }
    return least;
  }

  /** Places buffers at the bottom and at the top of a block by turns, if they do not overlap. */
  private static Optional<MemoryPlan> atBothEnds(List<Life> lives, int size) {
    List<Integer> queue = new ArrayList<>(IntStream.range(0, lives.size()).boxed().toList());
    queue.sort(Comparator.comparingInt(i -> lives.get(i).from()));
    int[] offsets = new int[lives.size()];
    for (int i = 0; i < queue.size(); i++) {
      Life life = lives.get(queue.get(i));
      offsets[queue.get(i)] = i % 2 == 0 ? 0 : size - life.size();
      for (int other : queue.subList(0, i)) {
        boolean apart =
            offsets[other] + lives.get(other).size() <= offsets[queue.get(i)]
                || offsets[queue.get(i)] + life.size() <= offsets[other];
        if (lives.get(other).meets(life) && !apart) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(new MemoryPlan(offsets, size));
  }

  /** Places each buffer of a queue at the lowest offset that is free during its life. */
  private static MemoryPlan placed(List<Life> lives, List<Integer> queue) {
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
