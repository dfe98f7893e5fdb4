package io.github.dl4jpruning.runtime;

/**
 * An intermediate tensor of a network, with its memory. Vectors share one array, item by item. Each
 * plane has its own array, item by item and channel by channel, so that loops over positions read
 * all arrays at the same index: a JIT compiler vectorises such loops. An array may be longer than
 * its content.
 */
final class Value {

  final Shape shape;

  /** Vectors; empty for planes. */
  final float[] flat;

  /** Planes; empty for vectors. */
  final float[][] planes;

  private Value(Shape shape, float[] flat, float[][] planes) {
    this.shape = shape;
    this.flat = flat;
    this.planes = planes;
  }

  static Value of(Shape shape, Pool pool) {
    if (!shape.planes) {
      return new Value(shape, pool.take(shape.items * shape.channels), new float[0][]);
    }
    float[][] planes = new float[shape.items * shape.channels][];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = pool.take(shape.positions());
    }
    return new Value(shape, new float[0], planes);
  }

  /** Returns the memory to the pool. */
  void release(Pool pool) {
    pool.release(flat);
    for (float[] plane : planes) {
      pool.release(plane);
    }
  }

  /** Returns the number of elements in one run of memory. */
  int run() {
    return shape.planes ? shape.positions() : shape.items * shape.channels;
  }

  /** Returns the number of runs. */
  int runs() {
    return shape.planes ? planes.length : 1;
  }

  float[] run(int index) {
    return shape.planes ? planes[index] : flat;
  }
}
