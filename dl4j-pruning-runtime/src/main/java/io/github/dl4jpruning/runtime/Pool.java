package io.github.dl4jpruning.runtime;

import java.util.ArrayList;
import java.util.List;

/** Arrays that are free again: a tensor that is read no more leaves its memory to those behind. */
final class Pool {

  private final List<float[]> free = new ArrayList<>();
  private long allocated;

  /** An array of at least a length, the shortest that is free; its content is left from before. */
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

  /** Elements in all arrays that it has made. */
  long allocated() {
    return allocated;
  }
}
