package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.runtime.codec.BlockReader;
import io.github.dl4jpruning.runtime.codec.ByteSource;
import java.io.IOException;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.Example;

class ValuesTest {

  private static final byte PLANES = 0;
  private static final byte WORDS = 1;
  private static final byte CODEBOOK = 2;

  private static byte[] written(long[] values, int width) throws IOException {
    ByteSink sink = new ByteSink();
    try (Packed packed = new Packed()) {
      Values.put(values, values.length, width, packed, sink);
    }
    byte[] bytes = sink.toBytes();
    long[] read = new long[values.length];
    BlockReader.values(new ByteSource(bytes, 0), read, values.length, width);
    assertThat(read).isEqualTo(values);
    return bytes;
  }

  private static long[] floats(int count) {
    Random random = new Random(count);
    return LongStream.generate(
            () -> Integer.toUnsignedLong(Float.floatToRawIntBits((float) random.nextGaussian())))
        .limit(count)
        .toArray();
  }

  /** Each of some values, one after the other, again and again. */
  private static long[] again(long[] values, int count) {
    Random random = new Random(1);
    return LongStream.generate(() -> values[random.nextInt(values.length)]).limit(count).toArray();
  }

  @Example
  void valuesThatDifferAreWrittenAsPlanes() throws IOException {
    for (int count : new int[] {2, 64, 65, 3_000, 8_192, 8_193, 40_000}) {
      byte[] bytes = written(floats(count), Float.BYTES);
      // Only signs and exponents are shorter, and by more than half of their byte.
      int raw = count * Float.BYTES;
      assertThat(bytes.length).isLessThanOrEqualTo(raw + 8);
      if (count > 64) {
        assertThat(bytes[0]).as("%d values", count).isEqualTo(PLANES);
        assertThat(bytes.length).isLessThan(raw - count / 4);
      }
    }
  }

  /** A few hundred different values: a place in a list is a byte, and so is no way for them. */
  @Example
  void valuesThatRepeatAreWrittenAsWords() throws IOException {
    for (int count : new int[] {3_000, 8_192, 8_193, 40_000}) {
      long[] values = again(floats(300), count);
      byte[] bytes = written(values, Float.BYTES);
      assertThat(bytes[0]).as("%d values", count).isEqualTo(WORDS);
      assertThat(bytes.length).isLessThan(2 * count + 1_000);
    }
  }

  @Example
  void fewValuesAreWrittenAsAList() throws IOException {
    for (int different : new int[] {16, 256}) {
      for (int count : new int[] {600, 8_193, 40_000}) {
        long[] values = again(floats(different), count);
        byte[] bytes = written(values, Float.BYTES);
        assertThat(bytes[0]).as("%d of %d", count, different).isEqualTo(CODEBOOK);
        double codes = count * Math.log(different) / Math.log(2) / 8;
        assertThat((double) bytes.length).isLessThan(1.03 * codes + 5 * different + 90);
      }
    }
  }

  /** What comes first, and is never repeated, must not decide alone. */
  @Example
  void aSampleIsTakenFromEverywhere() throws IOException {
    long[] values = again(floats(300), 60_000);
    System.arraycopy(floats(8_192), 0, values, 0, 8_192);

    assertThat(written(values, Float.BYTES)[0]).isEqualTo(WORDS);
  }
}
