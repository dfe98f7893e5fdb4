package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.Example;

class FrequenciesTest {

  /** What every table of codes needs, and for each code its length. */
  private static final int TABLE = 40;

  private static final int CODE = 2;

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static boolean repeats(byte[] bytes) {
    return Frequencies.repeats(bytes, bytes.length, Frequencies.bits(bytes, bytes.length));
  }

  @Example
  void bitsAreTheEntropyAndATable() {
    assertThat(Frequencies.bits(new byte[100], 100)).isEqualTo(TABLE + CODE);
    byte[] halves = {1, -1, 1, -1, 1, -1, 1, -1, 9, 9};
    assertThat(Frequencies.bits(halves, 8)).isCloseTo(8 + TABLE + 2 * CODE, within(1e-9));
    byte[] quarter = {0, 3, 3, 3};
    double entropy = 4 * (0.25 * 2 + 0.75 * (Math.log(4 / 3.0) / Math.log(2)));
    assertThat(Frequencies.bits(quarter, 4)).isCloseTo(entropy + TABLE + 2 * CODE, within(1e-9));
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    assertThat(Frequencies.bits(all, 256)).isCloseTo(256 * 8 + TABLE + 256 * CODE, within(1e-9));
  }

  @Example
  void longSequencesThatStandThereTwiceAreFound() {
    for (int period : new int[] {10, 100, 1_000}) {
      byte[] bytes = random(8 * period);
      for (int i = period; i < bytes.length; i++) {
        bytes[i] = bytes[i - period];
      }
      assertThat(repeats(bytes)).as("period %d", period).isTrue();
    }
    assertThat(repeats(new byte[1_000])).isTrue();
  }

  @Example
  void randomBytesDoNotRepeat() {
    for (int length : new int[] {1, 2, 3, 4, 100, 5_000, 16_384}) {
      byte[] bytes = random(length);
      assertThat(repeats(bytes)).as("%d bytes", length).isFalse();
      for (int i = 0; i < length; i++) {
        bytes[i] &= 3; // short sequences stand there again and again, but are not worth it
      }
      assertThat(repeats(bytes)).as("%d of four values", length).isFalse();
    }
  }

  /** One of ten places is too few, two of ten are enough. */
  @Example
  void aFewRepetitionsAreNotWorthIt() {
    for (int tenths = 1; tenths <= 2; tenths++) {
      byte[] bytes = random(10_000);
      int repeated = 1_000 * tenths;
      System.arraycopy(bytes, 0, bytes, 10_000 - repeated, repeated);
      assertThat(repeats(bytes)).isEqualTo(tenths == 2);
    }
  }
}
