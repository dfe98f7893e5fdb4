package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.runtime.codec.BlockReader;
import io.github.dl4jpruning.runtime.codec.ByteSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Every element comes back with the same bits. */
class BlockTest {

  private static final int[] WIDTHS = {Short.BYTES, Float.BYTES, Double.BYTES};

  /** What the values are drawn from. */
  enum Family {
    ANY_BITS,
    GAUSSIAN,
    FEW,
    ONE,
    NEGATIVE_ZERO_AND_NAN
  }

  private static long value(Family family, int width, Random random) {
    long bits =
        switch (family) {
          case ANY_BITS -> random.nextLong();
          case GAUSSIAN -> bitsOf(random.nextGaussian(), width);
          case FEW -> bitsOf(1 + random.nextInt(200), width);
          case ONE -> bitsOf(0.1, width);
          case NEGATIVE_ZERO_AND_NAN ->
              random.nextBoolean() ? bitsOf(-0.0, width) : bitsOf(Double.NaN, width) | 1;
        };
    return width == Double.BYTES ? bits : bits & (1L << (8 * width)) - 1;
  }

  private static long bitsOf(double value, int width) {
    return switch (width) {
      case Double.BYTES -> Double.doubleToRawLongBits(value);
      case Float.BYTES -> Integer.toUnsignedLong(Float.floatToRawIntBits((float) value));
      default -> HalfPrecision.toBits((float) value);
    };
  }

  private static long[] elements(
      int length, double sparsity, Family family, int width, Random random) {
    long[] elements = new long[length];
    for (int i = 0; i < length; i++) {
      elements[i] = random.nextDouble() < sparsity ? 0 : value(family, width, random);
    }
    return elements;
  }

  private static byte[] written(long[] elements, int width) {
    ByteSink sink = new ByteSink();
    Block.put(elements, elements.length, width, sink);
    return sink.toBytes();
  }

  private static long[] read(byte[] bytes, int length, int width) throws IOException {
    long[] elements = new long[length];
    Arrays.fill(elements, 77); // what stood there before must not matter
    ByteSource source = new ByteSource(bytes, 0);
    BlockReader.get(source, elements, length, width);
    source.requireEnd("the block");
    return elements;
  }

  @Property(tries = 600)
  void shouldKeepEveryBit(
      @ForAll @IntRange(min = 1, max = 9_000) int length,
      @ForAll @DoubleRange(min = 0.0, max = 1.0) double sparsity,
      @ForAll Family family,
      @ForAll @IntRange(max = 2) int kind,
      @ForAll long seed)
      throws IOException {
    int width = WIDTHS[kind];
    long[] elements = elements(length, sparsity, family, width, new Random(seed));

    byte[] bytes = written(elements, width);

    assertThat(read(bytes, length, width)).isEqualTo(elements);
    // Never much more than the values themselves and a bit for each element.
    assertThat(bytes.length).isLessThanOrEqualTo(length * width + 4 * width + 16);
  }

  @Example
  @Tag("slow")
  void shouldKeepTheLongestBlock() throws IOException {
    for (double sparsity : new double[] {0.0, 0.9, 0.9999, 1.0}) {
      long[] elements =
          elements(Block.LONGEST, sparsity, Family.GAUSSIAN, Float.BYTES, new Random(3));

      byte[] bytes = written(elements, Float.BYTES);

      assertThat(read(bytes, elements.length, Float.BYTES)).isEqualTo(elements);
      assertThat(bytes.length).isLessThan((int) (4.1 * (1 - sparsity) * Block.LONGEST) + 70_000);
    }
  }

  @Example
  void shouldNeedNextToNothingForZeros() {
    assertThat(written(new long[Block.LONGEST], Float.BYTES)).hasSizeLessThan(16);
    assertThat(written(new long[1], Double.BYTES)).hasSizeLessThan(16);
  }

  @Example
  void shouldNeedFourBitsForSixteenValues() {
    Random random = new Random(5);
    long[] elements = new long[100_000];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = bitsOf(0.37 * (1 + random.nextInt(16)), Float.BYTES);
    }

    assertThat(written(elements, Float.BYTES)).hasSizeBetween(50_000, 51_000);
  }

  /** Gaps are worth it where little is left: within a tenth of the entropy of the positions. */
  @Example
  void shouldComeNearTheEntropyOfPositions() {
    Random random = new Random(7);
    for (double density : new double[] {0.001, 0.01, 0.1}) {
      long[] elements = new long[500_000];
      int count = 0;
      for (int i = 0; i < elements.length; i++) {
        if (random.nextDouble() < density) {
          elements[i] = bitsOf(1.0, Float.BYTES);
          count++;
        }
      }
      double entropy =
          -elements.length
              * (density * Math.log(density) + (1 - density) * Math.log(1 - density))
              / Math.log(2)
              / 8;
      double codes = count / 8.0; // one value: deflate needs a bit for each code

      assertThat(written(elements, Float.BYTES).length - codes).isLessThan(1.12 * entropy + 100);
    }
  }

  @Property(tries = 3_000)
  void shouldRefuseDamageOrReadOn(
      @ForAll @IntRange(min = 1, max = 300) int length,
      @ForAll @DoubleRange(min = 0.0, max = 1.0) double sparsity,
      @ForAll Family family,
      @ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = written(elements(length, sparsity, family, 4, random), 4);
    int changes = 1 + random.nextInt(3);
    for (int c = 0; c < changes; c++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    byte[] damaged = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));

    // Nothing but an IOException, for there is no checksum here.
    for (byte[] some : new byte[][] {bytes, damaged}) {
      try {
        read(some, length, Float.BYTES);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("expected");
      }
    }
  }

  @Example
  void shouldSayWhatIsWrong() {
    assertRefused(new int[] {3}, "a code for the encoding of positions from 0 to 2, but found 3");
    assertRefused(new int[] {2, 11}, "a number of values of at most 10, but found 11");
    assertRefused(new int[] {2, 2, 2, 0, 9, 10}, "among them, at byte 2: expected a gap");
    assertRefused(new int[] {2, 1, 1, 0, 10}, "expected gaps within 10 elements");
    assertRefused(new int[] {2, 1, 2, 0, 0, 0}, "expected 1 gaps, but found more");
    assertRefused(new int[] {1, 1, 0, 0x00, 0x00}, "but found only 0");
    assertRefused(new int[] {1, 1, 0, 0xC0, 0x00}, "but found more");
    assertRefused(new int[] {1, 1, 0, 0x00, 0x01}, "but found more");
    assertRefused(
        new int[] {1, 1, 0, 0x80, 0x00, 3}, "a code for the encoding of values from 0 to 2");
    assertRefused(new int[] {1, 1, 0, 0x80, 0x00, 2, 0, 0, 0}, "expected codes below 0");
    assertRefused(
        new int[] {1, 1, 0, 0x80, 0x00, 1, 0, 0, 0, 0, 0}, "not zero, but one of them is");
    assertRefused(
        new int[] {1, 1, 0, 0x80, 0x00, 1, 0, 1}, "expected 4 bytes, but only 1 are left");
    assertRefused(new int[] {1, 1, 1, 2, 3, 0}, "expected packed bytes");
    assertRefused(
        new int[] {2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, "without an end");
    assertRefused(new int[] {}, "expected 1 bytes, but only 0 are left");
  }

  private static void assertRefused(int[] numbers, String message) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) numbers[i];
    }
    assertThatThrownBy(() -> read(bytes, 10, Float.BYTES))
        .as(Arrays.toString(numbers))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at byte")
        .hasMessageContaining(message);
  }

  private static long[] ones(int length, int every) {
    long[] elements = new long[length];
    for (int i = 0; i < length; i += every) {
      elements[i] = bitsOf(1.0, Float.BYTES);
    }
    return elements;
  }

  /** The first byte is the way: all elements, a bit for each, or the gaps between the values. */
  @Example
  void positionsAreWrittenInTheShortestWay() {
    Random random = new Random(2);
    int width = Float.BYTES;
    assertThat(written(elements(5_000, 0.0, Family.GAUSSIAN, width, random), width)[0]).isZero();
    // Where next to nothing is zero, a zero is a value like others.
    assertThat(written(elements(5_000, 0.001, Family.GAUSSIAN, width, random), width)[0]).isZero();
    for (double sparsity : new double[] {0.1, 0.45, 0.5}) {
      assertThat(written(elements(5_000, sparsity, Family.GAUSSIAN, width, random), width)[0])
          .as("%s", sparsity)
          .isEqualTo((byte) 1);
    }
    assertThat(written(elements(5_000, 0.99, Family.GAUSSIAN, width, random), width)[0])
        .isEqualTo((byte) 2);
  }

  /** A way, a count, one byte of a gap with its header, and one value with its own. */
  @Example
  void aSingleValueNeedsFewBytesMore() {
    assertThat(written(ones(1_000, 1_000), Float.BYTES)).hasSizeBetween(11, 13);
    assertThat(written(ones(1, 1), Float.BYTES)).hasSizeBetween(6, 10);
    // A value at each hundredth place: all gaps are equal, and so are all values.
    assertThat(written(ones(100_000, 100), Float.BYTES)).hasSizeLessThan(60);
  }
}
