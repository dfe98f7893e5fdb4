package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Files that were damaged, by accident or on purpose: refused, or the same bits. */
class CompactFuzzTest {

  /** A checksum meets nearly all of these, so few are enough. */
  private static final int FILES = LongForm.choose(500, 3_000);

  /** Fewer, since a network is often made before the damage is met. */
  private static final int STREAMS = LongForm.choose(200, 1_000);

  /** These reach the reader. */
  private static final int WITH_RIGHT_CHECKSUMS = LongForm.choose(600, 6_000);

  private static final int MAGIC_AND_VERSION = 12;
  private static final int SECTION_HEAD = 8;

  @TempDir Path folder;

  /** With everything that a file can hold. */
  private static byte[] file(Kind kind, boolean graph, CompactOptions.Builder options)
      throws IOException {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork plain = recipe.build();
    Model network = graph ? plain.toComputationGraph() : plain;
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.8)).build();
    pruning.attachTo(network);
    Networks.fit(network, recipe.batch(1));
    NormalizerStandardize normalizer = new NormalizerStandardize();
    normalizer.fit(new DataSet(Nd4j.rand(9, 4), Nd4j.rand(9, 2)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompactModelSerializer.write(
        network, out, options.updaterState(true).normalizer(normalizer).build());
    return out.toByteArray();
  }

  private static List<byte[]> files() throws IOException {
    return List.of(
        file(Kind.DENSE, false, CompactOptions.builder()),
        file(Kind.CONVOLUTION, true, CompactOptions.builder()),
        file(
            Kind.LSTM,
            false,
            CompactOptions.builder()
                .weights(io.github.dl4jpruning.compact.ValueCoding.shared(4))
                .others(io.github.dl4jpruning.compact.ValueCoding.half())));
  }

  private static byte[] mutated(byte[] file, byte[] other, Random random) {
    byte[] result = file.clone();
    int at = random.nextInt(result.length);
    switch (random.nextInt(8)) {
      case 0 -> result[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> result[at] = (byte) random.nextInt(256);
      case 2 -> result = Arrays.copyOf(result, at);
      case 3 -> { // a piece is cut out
        int to = Math.min(result.length, at + 1 + random.nextInt(40));
        result = joined(Arrays.copyOf(result, at), Arrays.copyOfRange(file, to, file.length));
      }
      case 4 -> { // a piece is doubled
        int to = Math.min(result.length, at + 1 + random.nextInt(40));
        result = joined(Arrays.copyOf(result, to), Arrays.copyOfRange(file, at, file.length));
      }
      case 5 -> { // a piece is of noise
        int to = Math.min(result.length, at + 1 + random.nextInt(40));
        byte[] noise = new byte[to - at];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, result, at, noise.length);
      }
      case 6 -> { // the rest is of another file
        int from = random.nextInt(other.length);
        result = joined(Arrays.copyOf(result, at), Arrays.copyOfRange(other, from, other.length));
      }
      default -> { // a length is very large
        int to = Math.min(result.length, at + 4);
        Arrays.fill(result, at, to, (byte) (random.nextBoolean() ? 0x7F : 0xFF));
      }
    }
    return result;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static CompactModel restore(byte[] bytes) throws IOException {
    return CompactModelSerializer.restore(
        new ByteArrayInputStream(bytes), RestoreOptions.defaults());
  }

  private static byte[] writtenAgain(CompactModel model) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompactOptions.Builder options = CompactOptions.builder().updaterState(true);
    model.normalizer().ifPresent(options::normalizer);
    CompactModelSerializer.write(model.network(), out, options.build());
    return out.toByteArray();
  }

  @Test
  void shouldRefuseOrRestoreTheSameBits() throws IOException {
    List<byte[]> files = files();
    Random random = new Random(20);
    int restored = 0;
    for (int i = 0; i < STREAMS; i++) {
      byte[] file = files.get(i % files.size());
      byte[] bytes = mutated(file, files.get(random.nextInt(files.size())), random);
      try {
        CompactModel model = restore(bytes);
        // A stream is read up to its end, and what follows is not looked at.
        assertThat(Arrays.mismatch(bytes, file)).isIn(-1, file.length);
        assertThat(model.network().params()).isEqualTo(restore(file).network().params());
        restored++;
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank();
      } catch (RuntimeException | Error e) {
        fail("mutation " + i, e);
      }
    }
    assertThat(restored).isLessThan(STREAMS / 20);
  }

  @Test
  void shouldRefuseDamagedFiles() throws IOException {
    List<byte[]> files = files();
    Random random = new Random(21);
    Path path = folder.resolve("model");
    for (int i = 0; i < FILES; i++) {
      byte[] file = files.get(i % files.size());
      byte[] bytes = mutated(file, files.get(random.nextInt(files.size())), random);
      Files.write(path, bytes);
      try {
        CompactModelSerializer.restore(path);
        assertThat(bytes).isEqualTo(file);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("expected");
      }
    }
  }

  /** Where a section begins; the last entry is the end of the file. */
  private static List<Integer> sections(byte[] file) {
    List<Integer> starts = new ArrayList<>();
    int at = MAGIC_AND_VERSION;
    while (at < file.length) {
      starts.add(at);
      at += SECTION_HEAD + ByteBuffer.wrap(file).getInt(at + 4) + 4;
    }
    starts.add(file.length);
    return starts;
  }

  private static byte[] section(byte[] letters, byte[] content) {
    ByteBuffer section = ByteBuffer.allocate(SECTION_HEAD + content.length + 4);
    section.put(letters).putInt(content.length).put(content);
    CRC32 checksum = new CRC32();
    checksum.update(section.array(), 0, section.position());
    section.putInt((int) checksum.getValue());
    return section.array();
  }

  /** On purpose: checksums are right, so that every check behind them is needed. */
  @Test
  void shouldFailWithNothingButAnErrorOfReading() throws IOException {
    List<byte[]> files = files();
    Random random = new Random(22);
    int read = 0;
    for (int i = 0; i < WITH_RIGHT_CHECKSUMS; i++) {
      byte[] file = files.get(i % files.size());
      List<Integer> starts = sections(file);
      int which = random.nextInt(starts.size() - 1);
      int start = starts.get(which);
      int end = starts.get(which + 1);
      byte[] content = Arrays.copyOfRange(file, start + SECTION_HEAD, end - 4);
      if (content.length > 0) {
        content = mutated(content, file, random);
      }
      byte[] bytes =
          joined(
              joined(
                  Arrays.copyOf(file, start),
                  section(Arrays.copyOfRange(file, start, start + 4), content)),
              Arrays.copyOfRange(file, end, file.length));
      try {
        CompactModel model = restore(bytes);
        // What is accepted is a model like any other.
        assertThat(restore(writtenAgain(model)).network().params().length())
            .isEqualTo(model.network().params().length());
        read++;
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank();
      } catch (RuntimeException | Error e) {
        fail("mutation " + i + " of " + new String(file, start, 4, StandardCharsets.US_ASCII), e);
      }
    }
    assertThat(read).isPositive();
  }

  /** A few bytes that ask for much memory. */
  @Test
  void shouldMakeNoRoomForWhatIsNotThere() throws IOException {
    byte[] file = file(Kind.DENSE, false, CompactOptions.builder());
    for (int at = MAGIC_AND_VERSION + 4; at < MAGIC_AND_VERSION + SECTION_HEAD; at++) {
      byte[] bytes = file.clone();
      bytes[at] = 0x3F; // a section of up to a gigabyte
      try {
        restore(bytes);
        fail("a wrong length was accepted");
      } catch (IOException e) {
        assertThat(e.getMessage()).containsAnyOf("at byte", "is damaged");
      }
    }
  }
}
