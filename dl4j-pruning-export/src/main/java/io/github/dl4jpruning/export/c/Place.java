package io.github.dl4jpruning.export.c;

/**
 * Where numbers are when the program runs: in the program's memory, or in an array of the caller.
 * Several values can share one place, at different offsets. The offset in the memory is known only
 * after all places are.
 */
final class Place {

  /** A moment after the last operation. */
  static final int END = Integer.MAX_VALUE;

  private final Root root;
  private final int shift;

  private Place(Root root, int shift) {
    this.root = root;
    this.shift = shift;
  }

  private static final class Root {
    private final String pointer;
    private final boolean mine;
    private final int size;
    private final int from;
    private int until;
    private int offset;

    Root(String pointer, boolean mine, int size, int from, int until) {
      this.pointer = pointer;
      this.mine = mine;
      this.size = size;
      this.from = from;
      this.until = until;
    }
  }

  /** An array of the caller. */
  static Place of(String pointer) {
    return new Place(new Root(pointer, false, 0, 0, END), 0);
  }

  /** A part of the program's memory. */
  static Place inMemory(String pointer, int size, int from, int until) {
    return new Place(new Root(pointer, true, size, from, until), 0);
  }

  /** Returns a place within this one. */
  Place at(int more) {
    return more == 0 ? this : new Place(root, Math.addExact(shift, more));
  }

  /** Keeps this place until a moment. */
  Place until(int moment) {
    root.until = Math.max(root.until, moment);
    return this;
  }

  /** Returns whether this place is in the program's memory and free after a moment. */
  boolean endsAt(int moment) {
    return root.mine && root.until <= moment;
  }

  MemoryPlan.Life life() {
    return new MemoryPlan.Life(root.size, root.from, root.until);
  }

  void setOffset(int offset) {
    root.offset = offset;
  }

  /** Returns whether both are parts of one buffer. */
  boolean sharesMemory(Place other) {
    return root == other.root;
  }

  /** Returns whether both are one place. */
  boolean isSame(Place other) {
    return root == other.root && shift == other.shift;
  }

  /** Returns the C expression. */
  @Override
  public String toString() {
    int all = root.offset + shift;
    return all == 0 ? root.pointer : root.pointer + " + " + all;
  }
}
