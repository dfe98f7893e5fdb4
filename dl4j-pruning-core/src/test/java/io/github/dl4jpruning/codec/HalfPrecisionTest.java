package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** All numbers of 16 bits, and the rounding to them. */
class HalfPrecisionTest {

  private static final int NUMBERS = 1 << 16;
  private static final int INFINITY = 0x7C00;

  /** By the definition of the format. */
  private static double value(int half) {
    int exponent = (half >> 10) & 31;
    int mantissa = half & 0x3FF;
    double magnitude =
        exponent == 0
            ? mantissa * Math.pow(2, -24)
            : (1024 + mantissa) * Math.pow(2, exponent - 25);
    return (half & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static boolean isNumber(int half) {
    return (half & INFINITY) != INFINITY;
  }

  @Test
  void shouldGiveEachNumberItsValueAndBack() {
    for (int half = 0; half < NUMBERS; half++) {
      float number = HalfPrecision.fromBits(half);
      if (isNumber(half)) {
        assertThat((double) number).isEqualTo(value(half));
        assertThat(HalfPrecision.toBits(number)).isEqualTo(half);
      } else if ((half & 0x3FF) == 0) {
        assertThat(number).isInfinite();
        assertThat(HalfPrecision.toBits(number)).isEqualTo(half);
      } else {
        assertThat(number).isNaN();
        assertThat(HalfPrecision.fromBits(HalfPrecision.toBits(number))).isNaN();
      }
    }
  }

  /** The middle between two neighbours goes to the even one, what is beside it to the nearer. */
  @Test
  void shouldRoundToTheNearest() {
    for (int half = 0; half < INFINITY - 1; half++) {
      double low = value(half);
      double high = value(half + 1);
      float middle = (float) ((low + high) / 2); // has one bit more: exact
      int even = half % 2 == 0 ? half : half + 1;

      assertThat(HalfPrecision.toBits(middle)).isEqualTo(even);
      assertThat(HalfPrecision.toBits(Math.nextDown(middle))).isEqualTo(half);
      assertThat(HalfPrecision.toBits(Math.nextUp(middle))).isEqualTo(half + 1);
      assertThat(HalfPrecision.toBits(-middle)).isEqualTo(even | 0x8000);
    }
    assertThat(HalfPrecision.toBits(65_519.996f)).isEqualTo(INFINITY - 1);
    assertThat(HalfPrecision.toBits(65_520f)).isEqualTo(INFINITY);
    assertThat(HalfPrecision.toBits(70_000f)).isEqualTo(INFINITY);
    assertThat(HalfPrecision.toBits(-131_000f)).isEqualTo(INFINITY | 0x8000);
    assertThat(HalfPrecision.toBits(Float.MAX_VALUE)).isEqualTo(INFINITY);
    assertThat(HalfPrecision.toBits(Float.MIN_VALUE)).isZero();
    assertThat(HalfPrecision.toBits(-Float.MIN_VALUE)).isEqualTo(0x8000);
  }

  @Test
  void shouldBeOffByAtMostThePartThatIsPromised() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      double exponent = random.nextDouble(-14, 15.9);
      float number = (float) (Math.pow(2, exponent) * (random.nextBoolean() ? 1 : -1));

      double back = HalfPrecision.fromBits(HalfPrecision.toBits(number));

      assertThat(Math.abs(back - number)).isLessThanOrEqualTo(Math.abs(number) / 2_048);
    }
  }
}
