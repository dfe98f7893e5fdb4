package io.github.dl4jpruning.runtime;

/**
 * A tensor on its way through a network, with its memory. Vectors stand in one array, item by item.
 * Planes stand in one array each, channel by channel and item by item, so that loops over positions
 * read all their arrays at the same index, which is what a JIT compiler makes vectors of. An array
 * may be longer than what it holds.
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

  /** Gives its memory back. */
  void release(Pool pool) {
    pool.release(flat);
    for (float[] plane : planes) {
      pool.release(plane);
    }
  }

  /** Elements in one run of memory. */
  int run() {
    return shape.planes ? shape.positions() : shape.items * shape.channels;
  }

  /** How many runs there are. */
  int runs() {
    return shape.planes ? planes.length : 1;
  }

  float[] run(int index) {
    return shape.planes ? planes[index] : flat;
  }
}
