package io.github.dl4jpruning.runtime;

/**
 * The time steps that a recurrent layer skips: steps in which all channels have one given value. A
 * skipped step outputs zeros and resets the state.
 */
final class Masking {

  /** Skips no steps. */
  static final Masking NONE = new Masking(false, 0f);

  private final boolean present;
  private final float value;

  private Masking(boolean present, float value) {
    this.present = present;
    this.value = value;
  }

  /** Creates a masking that skips steps in which all channels have this value. */
  static Masking of(float value) {
    return new Masking(true, value);
  }

  boolean isPresent() {
    return present;
  }

  /** Returns whether x[from .. from + length) is a skipped step. */
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
