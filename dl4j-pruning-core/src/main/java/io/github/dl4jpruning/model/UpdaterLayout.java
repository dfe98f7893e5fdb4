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
 * Where the state of each parameter stands in the array that holds all state of an updater.
 *
 * <p>DL4J puts neighbours with equal updaters into one block, [m v] for all of them, and what is
 * equal depends on the objects: a schedule of learning rates without {@code equals} makes one block
 * as long as all layers share it, and one for each layer in a copy. So the array of one network
 * must never be copied to another as it is, but parameter by parameter.
 *
 * @param blocks by rising flat index
 */
record UpdaterLayout(List<Block> blocks) {

  /**
   * Neighbours whose state stands together.
   *
   * @param from flat index of the first parameter
   * @param to flat index behind the last one
   * @param starts for the name of each state, where in the array that of the first parameter stands
   */
  record Block(int from, int to, SortedMap<String, Long> starts) {}

  UpdaterLayout {
    blocks = List.copyOf(blocks);
  }

  /** The layout of an updater; without blocks for none. */
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
   * Whether there is a state here for each one of another layout.
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
   * Copies state by parameter and name. By index and not block by block: DL4J's blocks may end
   * inside a tensor, since it counts some convolutions with their bias last and stores them with
   * their bias first.
   *
   * @param values the array of this layout
   * @param kept which parameters there still are in the other network
   * @param other the other layout
   * @param target the array of the other layout; what has no counterpart here is left as it is
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
