package io.github.dl4jpruning.codec;

/**
 * Converts 16-bit numbers: one sign bit, five exponent bits and ten mantissa bits (IEEE 754
 * binary16). The largest is 65,504, the smallest above zero is 2⁻²⁴. Between 2⁻¹⁴ and the largest,
 * the relative rounding error is at most 1/2,048.
 */
public final class HalfPrecision {

  private static final int SIGN = 0x8000;
  private static final int INFINITY = 0x7C00;
  private static final int QUIET = 0x0200;

  /** The bits of a float's mantissa that half precision drops. */
  private static final int DROPPED = 13;

  /** The difference of the exponent biases: 127 − 15. */
  private static final int BIAS_DIFFERENCE = 112;

  private HalfPrecision() {}

  /**
   * Rounds to the nearest half-precision number; ties go to the even mantissa.
   *
   * @param value any number
   * @return its bits in half precision; infinity from 65,520 on, and NaN for NaN
   */
  public static int toBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & SIGN;
    int magnitude = bits & Integer.MAX_VALUE;
    if (magnitude > 0x7F800000) {
      return sign | INFINITY | QUIET;
    }
    int exponent = (magnitude >>> 23) - BIAS_DIFFERENCE;
    if (exponent >= 31) {
      return sign | INFINITY;
    }
    if (exponent > 0) {
      // A carry out of the mantissa raises the exponent, up to infinity, which is correct.
      return sign | rounded(magnitude - (BIAS_DIFFERENCE << 23), DROPPED);
    }
    int shift = DROPPED + 1 - exponent;
    return shift > 24 ? sign : sign | rounded((magnitude & 0x7FFFFF) | 0x800000, shift);
  }

  private static int rounded(int value, int shift) {
    int half = 1 << (shift - 1);
    int odd = (value >>> shift) & 1;
    return (value + half - 1 + odd) >>> shift;
  }

  /**
   * Returns the number that the bits represent.
   *
   * @param half bits in half precision, the lowest 16
   * @return the same number, exactly
   */
  public static float fromBits(int half) {
    int sign = (half & SIGN) << 16;
    int exponent = (half >>> 10) & 31;
    int mantissa = half & 0x3FF;
    if (exponent == 31) {
      return Float.intBitsToFloat(sign | 0x7F800000 | (mantissa << DROPPED));
    }
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(
        sign | ((exponent + BIAS_DIFFERENCE) << 23) | (mantissa << DROPPED));
  }
}
