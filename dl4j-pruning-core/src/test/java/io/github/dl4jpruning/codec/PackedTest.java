package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.runtime.codec.BlockReader;
import io.github.dl4jpruning.runtime.codec.ByteSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import net.jqwik.api.Example;

class PackedTest {

  /** Longer runs are judged by a sample. */
  private static final int SAMPLE = 1 << 14;

  private static byte[] packed(byte[] bytes) {
    ByteSink sink = new ByteSink();
    try (Packed packed = new Packed()) {
      packed.put(bytes, bytes.length, sink);
    }
    return sink.toBytes();
  }

  private static byte[] unpacked(byte[] bytes, int length) throws IOException {
    ByteSource source = new ByteSource(bytes, 0);
    byte[] found = BlockReader.unpacked(source, length);
    source.requireEnd("the run");
    return found;
  }

  private static int deflated(byte[] bytes, int strategy) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setStrategy(strategy);
      deflater.setInput(bytes);
      deflater.finish();
      byte[] buffer = new byte[2 * bytes.length + 100];
      int done = 0;
      while (!deflater.finished()) {
        done += deflater.deflate(buffer, done, buffer.length - done);
      }
      return done;
    } finally {
      deflater.end();
    }
  }

  /** What bytes are like. */
  private enum Kind {
    RANDOM,
    FEW_DIFFERENT,
    MOSTLY_ZERO,
    REPEATED,
    SLOWLY_CHANGING
  }

  private static byte[] bytes(Kind kind, int length) {
    Random random = new Random(length);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    for (int i = 0; i < length; i++) {
      switch (kind) {
        case FEW_DIFFERENT -> bytes[i] = (byte) (bytes[i] & 5);
        case MOSTLY_ZERO -> bytes[i] = random.nextInt(10) > 0 ? 0 : bytes[i];
        case REPEATED -> bytes[i] = i < 100 ? bytes[i] : bytes[i - 100];
        case SLOWLY_CHANGING -> bytes[i] = (byte) (i / 40);
        default -> {}
      }
    }
    return bytes;
  }

  @Example
  void theShortestWayIsTaken() throws IOException {
    for (Kind kind : Kind.values()) {
      for (int length : new int[] {1, 20, 300, 3_000, SAMPLE, SAMPLE + 1, 3 * SAMPLE}) {
        byte[] bytes = bytes(kind, length);
        int shortest =
            Math.min(
                length,
                Math.min(
                    deflated(bytes, Deflater.DEFAULT_STRATEGY),
                    deflated(bytes, Deflater.HUFFMAN_ONLY)));

        byte[] packed = packed(bytes);

        assertThat(unpacked(packed, length)).as("%s %d", kind, length).isEqualTo(bytes);
        assertThat(packed.length)
            .as("%s %d", kind, length)
            .isLessThanOrEqualTo(shortest + shortest / 50 + 6);
      }
    }
  }

  /** A single byte says that they are as they are. */
  @Example
  void randomBytesStayAsTheyAre() {
    for (int length : new int[] {1, 5, 6, 500, SAMPLE, 3 * SAMPLE}) {
      byte[] packed = packed(bytes(Kind.RANDOM, length));
      assertThat(packed).hasSize(length + 1);
      assertThat(packed[0]).isZero();
    }
    assertThat(packed(new byte[6])).as("too short to be worth it").hasSize(7);
  }

  /** The beginning alone would say that nothing repeats, the middle that all does. */
  @Example
  void aSampleIsTakenFromEverywhere() {
    byte[] bytes = new byte[20 * SAMPLE];
    byte[] random = bytes(Kind.RANDOM, SAMPLE / 8);
    System.arraycopy(random, 0, bytes, 0, random.length);
    assertThat(packed(bytes).length).isLessThan(random.length + 1_000);
    byte[] mixed = bytes(Kind.RANDOM, 20 * SAMPLE);
    Arrays.fill(mixed, 0, SAMPLE, (byte) 0);
    assertThat(packed(mixed).length).isLessThan(mixed.length - SAMPLE / 2);
  }

  @Example
  void aRunOfAnotherLengthIsRefused() {
    byte[] packed = packed(new byte[1_000]);
    assertThat(packed[0]).isEqualTo((byte) 1);
    assertThatThrownBy(() -> unpacked(packed, 999))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected packed bytes for 999, but found more");
    assertThatThrownBy(() -> unpacked(packed, 1_001))
        .hasMessageEndingWith("expected packed bytes for 1001, but found 1000");
    byte[] cut = Arrays.copyOf(packed, packed.length - 1);
    cut[1]--; // the length of what is packed
    assertThatThrownBy(() -> unpacked(cut, 1_000)).hasMessageEndingWith(", cut off");
    byte[] more = Arrays.copyOf(packed, packed.length + 1);
    more[1]++;
    assertThatThrownBy(() -> unpacked(more, 1_000))
        .hasMessageEndingWith("expected packed bytes for 1000, but found 1000");
  }
}
