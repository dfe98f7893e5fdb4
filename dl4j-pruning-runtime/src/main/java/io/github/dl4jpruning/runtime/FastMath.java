package io.github.dl4jpruning.runtime;

/**
 * Exponential functions to the precision of a float (about 2·10⁻⁷ relative), several times as fast
 * as the functions of {@link Math}, which are exact to the last bit of a double.
 */
final class FastMath {

  private static final float LOG2_E = (float) 1.4426950408889634;

  /** ln 2 in two parts, so that a multiple of it is subtracted exactly. */
  private static final float LN2_HIGH = 355f / 512f;

  private static final float LN2_LOW = (float) -2.1219444005469057e-4;

  /** Above this number, e^x is infinite in a float. */
  private static final float LARGEST = 88.72f;

  /** Below this number, e^x is not a normal float. */
  private static final float SMALLEST = -87.33f;

  private FastMath() {}

  /** e^x = 2^k · e^r with |r| ≤ ln 2 / 2, and e^r by its series. */
  static float exp(float x) {
    if (x > LARGEST) {
      return Float.POSITIVE_INFINITY;
    }
    if (x < SMALLEST) {
      return 0f;
    }
    // Rounds: a cast to int truncates towards zero, so the number is made positive first.
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
    // In two factors: 2^128 exceeds a float, but e^x does not.
    int half = k >> 1;
    return p * power(half) * power(k - half);
  }

  private static float power(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /** Beyond this number, tanh is ±1 in a float. */
  private static final float FLAT = 7.905311f;

  /**
   * tanh x = x · P(x²) / Q(x²), which needs no exponential function and has no branch, so that
   * HotSpot vectorises loops over it. The coefficients are those of the Eigen library
   * (generic_fast_tanh_float).
   */
  static float tanh(float x) {
    float v = Math.max(Math.min(x, FLAT), -FLAT);
    float z = v * v;
    float p = (float) -2.76076847742355e-16;
    p = p * z + (float) 2.00018790482477e-13;
    p = p * z + (float) -8.60467152213735e-11;
    p = p * z + (float) 5.12229709037114e-8;
    p = p * z + (float) 1.48572235717979e-5;
    p = p * z + (float) 6.37261928875436e-4;
    p = p * z + (float) 4.89352455891786e-3;
    float q = (float) 1.19825839466702e-6;
    q = q * z + (float) 1.18534705686654e-4;
    q = q * z + (float) 2.268434632439e-3;
    q = q * z + (float) 4.89352518554385e-3;
    return v * p / q;
  }

  /** Applies tanh to elements in place. */
  static void tanh(float[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = tanh(x[i]);
    }
  }

  /**
   * Applies σ(x) = (1 + tanh(x/2)) / 2 to elements in place, for the gates of recurrent layers:
   * exact to a few 10⁻⁸, but not to the last digit of very small values.
   */
  static void gate(float[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = 0.5f + 0.5f * tanh(0.5f * x[i]);
    }
  }
}
