package io.github.dl4jpruning.schedule;

/** Validates sparsities: numbers in [0, 1). */
public final class Sparsity {

  private Sparsity() {}

  /**
   * Returns whether a value is a sparsity.
   *
   * @param value the value
   * @return true if it lies in [0, 1)
   */
  public static boolean isOne(double value) {
    return value >= 0.0 && value < 1.0;
  }

  /**
   * Checks that a value is a sparsity.
   *
   * @param value the value
   * @param what the name of the value in the message
   * @return {@code value}
   * @throws IllegalArgumentException if {@code value} is NaN or outside [0, 1)
   */
  public static double check(double value, String what) {
    if (!isOne(value)) {
      throw new IllegalArgumentException(
          what + " must be a sparsity in [0, 1), the fraction of weights removed, but is " + value);
    }
    return value;
  }
}
