package io.github.dl4jpruning.codec;

/**
 * Numbers of 16 bits: a sign, five bits of exponent and ten of mantissa (binary16 of IEEE 754). The
 * largest is 65,504, the smallest above zero 2⁻²⁴, and between 2⁻¹⁴ and the largest a number is off
 * by at most a 2,048th of itself.
 */
public final class HalfPrecision {

  private static final int SIGN = 0x8000;
  private static final int INFINITY = 0x7C00;
  private static final int QUIET = 0x0200;

  /** Bits of a float's mantissa that a half has no room for. */
  private static final int DROPPED = 13;

  /** Of the exponents: 127 − 15. */
  private static final int BIAS_DIFFERENCE = 112;

  private HalfPrecision() {}

  /**
   * Rounds to the nearest, and to the one with an even mantissa where two are as near.
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
      // A carry out of the mantissa makes the exponent one more, up to infinity: as it should.
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
   * The number that bits stand for.
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
