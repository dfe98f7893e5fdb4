package io.github.dl4jpruning.runtime;

/** One step of a network with its memory: reads and writes the arrays that it was bound to. */
abstract class Kernel {

  abstract void run();

  /** Clears the state of the last time step. */
  void reset() {}
}
