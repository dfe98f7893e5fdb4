package io.github.dl4jpruning.runtime;

/**
 * One step of a network as stored in a file: the operation and its weights, for inputs of any size
 * that fits. Immutable, and shared by all sessions.
 */
abstract class Operation {

  /**
   * Returns the shape of the output.
   *
   * @throws ModelException if the shapes of the inputs do not fit
   */
  abstract Shape shape(Shape[] in);

  /** Creates a kernel with its own memory for one session. */
  abstract Kernel bind(Value[] in, Value out, Pool pool);

  /** Returns whether the operation can run on one time step at a time. */
  boolean isStepwise() {
    return true;
  }

  /** Returns the number of weights that are not zero. */
  long nonZeros() {
    return 0;
  }

  /** Returns the number of weights, zeros included. */
  long weights() {
    return 0;
  }

  /** Returns the number of multiplications for one sample. */
  long macs(Shape[] in, Shape out) {
    return 0;
  }

  /** Returns a short description for users. */
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
