package io.github.dl4jpruning.runtime;

/**
 * Exponential functions to the precision of a float (about 2·10⁻⁷ relative), several times as fast
 * as those of {@link Math}, which are exact to the last bit of a double.
 */
final class FastMath {

  private static final float LOG2_E = (float) 1.4426950408889634;

  /** ln 2 in two parts, so that the multiple of it that is taken away is exact. */
  private static final float LN2_HIGH = 355f / 512f;

  private static final float LN2_LOW = (float) -2.1219444005469057e-4;

  /** Above, e^x is infinite in a float. */
  private static final float LARGEST = 88.72f;

  /** Below, e^x has no normal float. */
  private static final float SMALLEST = -87.33f;

  /** Below, the series of tanh is as exact and keeps small numbers' digits. */
  private static final float SERIES = 0.625f;

  private FastMath() {}

  /** e^x = 2^k · e^r with |r| ≤ ln 2 / 2, and e^r by its series. */
  static float exp(float x) {
    if (x > LARGEST) {
      return Float.POSITIVE_INFINITY;
    }
    if (x < SMALLEST) {
      return 0f;
    }
    // Rounds: (int) cuts towards zero, so it is given a positive number.
    int k = (int) (x * LOG2_E + 128.5f) - 128;
    float r = x - k * LN2_HIGH;
    r -= k * LN2_LOW;
    float p = 1f / 5040f;
    p = p * r + 1f / 720f;
    p = p * r + 1f / 120f;
    p = p * r + 1f / 24f;
    p = p * r + 1f / 6f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1f;
    // In two factors: 2^128 is no float, but e^x still is one.
    int half = k >> 1;
    return p * power(half) * power(k - half);
  }

  private static float power(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /**
   * Near zero by a polynomial; elsewhere 1 − 2 / (e^2x + 1). The coefficients are those of the
   * Cephes library (S. Moshier, tanhf).
   */
  static float tanh(float x) {
    float size = Math.abs(x);
    if (size < SERIES) {
      float z = x * x;
      float p = (float) -5.70498872745e-3;
      p = p * z + (float) 2.06390887954e-2;
      p = p * z - (float) 5.37397155531e-2;
      p = p * z + (float) 1.33314422036e-1;
      p = p * z - (float) 3.33332819422e-1;
      return p * z * x + x;
    }
    float y = 1f - 2f / (exp(2f * size) + 1f);
    return x < 0f ? -y : y;
  }
}
