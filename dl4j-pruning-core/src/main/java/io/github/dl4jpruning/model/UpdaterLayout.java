package io.github.dl4jpruning.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * The position of each parameter's state in the array that holds all state of an updater.
 *
 * <p>DL4J puts neighbouring parameters with equal updaters into one block, with [m v] for all of
 * them. Equality depends on the objects: with a learning-rate schedule without {@code equals},
 * there is one block while all layers share the schedule object, but one block per layer in a copy.
 * So state must never be copied to another network as a whole array, only parameter by parameter.
 *
 * @param blocks the blocks, in the order of their flat indices
 */
record UpdaterLayout(List<Block> blocks) {

  /**
   * Neighbouring parameters whose state is stored together.
   *
   * @param from flat index of the first parameter
   * @param to flat index after the last parameter
   * @param starts for each state by name, the array index of the first parameter's value
   */
  record Block(int from, int to, SortedMap<String, Long> starts) {}

  UpdaterLayout {
    blocks = List.copyOf(blocks);
  }

  /** Returns the layout of an updater; it has no blocks if there is no updater. */
  static UpdaterLayout of(@Nullable BaseMultiLayerUpdater<?> updater) {
    List<Block> blocks = new ArrayList<>();
    if (updater == null) {
      return new UpdaterLayout(blocks);
    }
    INDArray all = updater.getStateViewArray();
    if (all != null && !all.isEmpty()) {
      for (UpdaterBlock block : updater.getUpdaterBlocks()) {
        SortedMap<String, Long> starts = new TreeMap<>();
        GradientUpdater<?> own = block.getGradientUpdater();
        own.getState()
            .forEach((name, view) -> starts.put(name, view.data().offset() - all.data().offset()));
        if (!starts.isEmpty()) {
          blocks.add(new Block(block.getParamOffsetStart(), block.getParamOffsetEnd(), starts));
        }
      }
    }
    return new UpdaterLayout(blocks);
  }

  /**
   * Returns whether this layout has every state of another layout.
   *
   * @param other the layout of a network with the same parameters
   * @return true if all of the other's state can be copied from here
   */
  boolean covers(UpdaterLayout other) {
    for (Block wanted : other.blocks) {
      for (String name : wanted.starts().keySet()) {
        long found =
            blocks.stream()
                .filter(block -> block.starts().containsKey(name))
                .mapToLong(
                    block ->
                        Math.max(
                            0,
                            Math.min(block.to(), wanted.to())
                                - Math.max(block.from(), wanted.from())))
                .sum();
        if (found != wanted.to() - wanted.from()) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Copies state by parameter and name. It works by index and not block by block, because DL4J's
   * blocks may end inside a tensor: for some convolutions, DL4J counts the bias last but stores it
   * first.
   *
   * @param values the array of this layout
   * @param kept the parameters that the other network still has
   * @param other the other layout
   * @param target the array of the other layout; state without a counterpart here is not changed
   */
  void copy(FlatValues values, KeptEntries kept, UpdaterLayout other, FlatValues target) {
    for (Block from : blocks) {
      int first = kept.before(from.from());
      int end = kept.before(from.to());
      for (Block to : other.blocks) {
        if (first < to.to() && to.from() < end) {
          copyBlock(values, from, kept, to, target);
        }
      }
    }
  }

  private static void copyBlock(
      FlatValues values, Block from, KeptEntries kept, Block to, FlatValues target) {
    to.starts()
        .forEach(
            (name, start) -> {
              Long source = from.starts().get(name);
              if (source != null) {
                kept.copy(
                    values, source, from.from(), from.to(), target, start, to.from(), to.to());
              }
            });
  }
}
