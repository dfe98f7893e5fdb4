package io.github.dl4jpruning.runtime;

import java.util.ArrayList;
import java.util.List;

/** A pool of free arrays: later tensors reuse the memory of tensors that are not read any more. */
final class Pool {

  private final List<float[]> free = new ArrayList<>();
  private long allocated;

  /** Returns the shortest free array of at least this length; its content is undefined. */
  float[] take(int length) {
    int best = -1;
    for (int i = 0; i < free.size(); i++) {
      int size = free.get(i).length;
      if (size >= length && (best < 0 || size < free.get(best).length)) {
        best = i;
      }
    }
    if (best >= 0 && free.get(best).length <= 2L * length) {
      return free.remove(best);
    }
    allocated += length;
    return new float[length];
  }

  void release(float[] array) {
    if (array.length > 0) {
      free.add(array);
    }
  }

  /** Returns the number of elements of all arrays that the pool has allocated. */
  long allocated() {
    return allocated;
  }
}
