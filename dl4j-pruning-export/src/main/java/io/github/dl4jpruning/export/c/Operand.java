package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.ValueShape;

/**
 * A value that an operation reads or writes.
 *
 * @param place where it is
 * @param shape its shape, with a known number of items
 */
record Operand(Place place, ValueShape shape) {

  int items() {
    return shape.items();
  }

  int channels() {
    return shape.channels();
  }

  /** Returns positions of a plane; 1 for vectors. */
  int positions() {
    return Math.multiplyExact(shape.depth(), Math.multiplyExact(shape.height(), shape.width()));
  }

  /** Returns the elements of an item. */
  int item() {
    return Math.multiplyExact(shape.channels(), positions());
  }

  /** Returns the elements of all items. */
  int size() {
    return Math.multiplyExact(items(), item());
  }

  /** Returns a pointer that moves with the items. */
  CBody.Each each() {
    return new CBody.Each(place, items(), item());
  }

  Operand in(Place other) {
    return new Operand(other, shape);
  }
}
