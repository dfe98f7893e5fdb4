package io.github.dl4jpruning.runtime;

/** One step of a network, with its memory: reads the arrays that it was made for, fills its own. */
abstract class Kernel {

  abstract void run();

  /** Forgets what was kept from the last time step. */
  void reset() {}
}
