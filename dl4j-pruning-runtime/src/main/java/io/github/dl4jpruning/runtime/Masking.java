package io.github.dl4jpruning.runtime;

/**
 * Which time steps a recurrent layer skips: those in which all channels have one value. A skipped
 * step gives zeros and resets the state.
 */
final class Masking {

  /** Skips no step. */
  static final Masking NONE = new Masking(false, 0f);

  private final boolean present;
  private final float value;

  private Masking(boolean present, float value) {
    this.present = present;
    this.value = value;
  }

  /** Skips steps in which all channels have this value. */
  static Masking of(float value) {
    return new Masking(true, value);
  }

  boolean isPresent() {
    return present;
  }

  /** Whether x[from .. from + length) is such a step. */
  boolean skips(float[] x, int from, int length) {
    if (!present) {
      return false;
    }
    for (int i = from; i < from + length; i++) {
      if (x[i] != value) {
        return false;
      }
    }
    return true;
  }
}
