package io.github.dl4jpruning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FastMathTest {

  private static final int NUMBERS = 200_000;
  private static final double PRECISION = 4e-7;

  @Test
  void shouldBeAsExactAsAFloat() {
    Random random = new Random(1);
    for (int i = 0; i < NUMBERS; i++) {
      float x = (random.nextFloat() - 0.5f) * (float) Math.pow(10, random.nextInt(6) - 3);
      float wide = (random.nextFloat() - 0.5f) * 170f;
      assertRelative(FastMath.exp(wide), Math.exp(wide));
      assertRelative(FastMath.exp(x), Math.exp(x));
      assertRelative(FastMath.tanh(x), Math.tanh(x));
      assertRelative(FastMath.sigmoid(x), 1.0 / (1.0 + Math.exp(-x)));
    }
  }

  private static void assertRelative(float actual, double expected) {
    assertThat((double) actual).isCloseTo(expected, within(PRECISION * Math.abs(expected)));
  }

  @Test
  void shouldKnowTheEnds() {
    assertThat(FastMath.exp(Float.NaN)).isNaN();
    assertThat(FastMath.exp(Float.POSITIVE_INFINITY)).isInfinite();
    assertThat(FastMath.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FastMath.exp(0f)).isEqualTo(1f);
    assertThat(FastMath.tanh(Float.NaN)).isNaN();
    assertThat(FastMath.tanh(1000f)).isEqualTo(1f);
    assertThat(FastMath.tanh(-1000f)).isEqualTo(-1f);
    assertThat(FastMath.sigmoid(-1000f)).isZero();
    assertThat(FastMath.sigmoid(1000f)).isEqualTo(1f);
  }
}
