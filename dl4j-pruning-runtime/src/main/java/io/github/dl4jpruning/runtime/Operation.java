package io.github.dl4jpruning.runtime;

/**
 * One step of a network as it stands in a file: what it does, with its weights, for inputs of any
 * size that fits. Immutable, and shared by all sessions.
 */
abstract class Operation {

  /**
   * The shape of what it gives.
   *
   * @throws ModelException if the shapes of its inputs do not fit
   */
  abstract Shape shape(Shape[] in);

  /** Makes a kernel with memory of its own for one session. */
  abstract Kernel bind(Value[] in, Value out, Pool pool);

  /** Whether it can be run on one time step at a time. */
  boolean isStepwise() {
    return true;
  }

  /** Weights that are not zero. */
  long nonZeros() {
    return 0;
  }

  /** Weights, zeros included. */
  long weights() {
    return 0;
  }

  /** Multiplications for one sample. */
  long macs(Shape[] in, Shape out) {
    return 0;
  }

  /** In a few words, for people. */
  abstract String title();

  static ModelException mismatch(String what, Object expected, Object found) {
    return new ModelException(what + ": expected " + expected + ", but found " + found);
  }

  static void requireVectors(String what, Shape in, int channels) {
    if (in.planes || in.channels != channels) {
      throw mismatch(what, "vectors of " + channels, in);
    }
  }

  static void requirePlanes(String what, Shape in) {
    if (!in.planes) {
      throw mismatch(what, "planes", "vectors of " + in.channels);
    }
  }
}
