package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.mask.Mask;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Ships masks to the workers. The mask of a tensor is broadcast when it changes; otherwise the
 * executors still have it.
 */
final class MaskShipment implements AutoCloseable {

  private final JavaSparkContext context;
  private final List<String> names;
  private final List<Mask> shipped = new ArrayList<>();
  private final List<Broadcast<PackedMask>> broadcasts = new ArrayList<>();
  private long shippedWeights;

  /**
   * Begins with nothing shipped.
   *
   * @param names layer and key of each tensor
   */
  MaskShipment(JavaSparkContext context, List<String> names) {
    this.context = context;
    this.names = List.copyOf(names);
  }

  /**
   * Ships the masks that have changed.
   *
   * @param masks one for each tensor
   * @param iteration the first iteration of the round
   * @param epoch the epoch of the round
   * @return what the workers of a round need
   */
  MaskingHook ship(List<Mask> masks, int iteration, int epoch) {
    boolean first = broadcasts.isEmpty();
    boolean changed = first;
    for (int i = 0; i < masks.size(); i++) {
      if (first) {
        broadcasts.add(broadcast(i, masks.get(i)));
        shipped.add(masks.get(i));
      } else if (!shipped.get(i).equals(masks.get(i))) {
        // Not destroyed: a task that is tried again may still ask for it.
        broadcasts.get(i).unpersist();
        broadcasts.set(i, broadcast(i, masks.get(i)));
        shipped.set(i, masks.get(i));
        changed = true;
      }
    }
    return new MaskingHook(broadcasts, changed, iteration, epoch);
  }

  private Broadcast<PackedMask> broadcast(int tensor, Mask mask) {
    shippedWeights += mask.length();
    return context.broadcast(PackedMask.of(names.get(tensor), mask));
  }

  /** Returns how many weights the masks had that were shipped so far. */
  long shippedWeights() {
    return shippedWeights;
  }

  @Override
  public void close() {
    broadcasts.forEach(Broadcast::unpersist);
  }
}
