package io.github.dl4jpruning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Intact files and damaged files. */
class RuntimeFileTest {

  private static final boolean LONG = Boolean.getBoolean("pruning.fullMatrix");

  /** The number of damaged copies of each file, with right checksums. */
  private static final int DAMAGED = LONG ? 40_000 : 1_500;

  private static final int HEADER = 12;
  private static final int FRAME = 12;

  private static SparseModel load(byte[] bytes) throws IOException {
    return SparseModel.load(new ByteArrayInputStream(bytes));
  }

  @ParameterizedTest
  @EnumSource(Golden.class)
  void shouldReadFilesOfTheFirstRelease(Golden golden) throws IOException {
    SparseModel model = load(golden.bytes());
    int length = model.inputs().get(0).length();
    int steps = model.inputs().get(0).isSequence() ? 6 : 1;

    float[] outputs = model.newSession().run(Golden.input(length * steps));

    assertThat(outputs).hasSize(golden.outputs().length);
    for (int i = 0; i < outputs.length; i++) {
      assertThat(outputs[i])
          .isCloseTo(golden.outputs()[i], org.assertj.core.api.Assertions.within(1e-6f));
    }
    assertThat(model.properties()).containsKey("producer");
    assertThat(model.toString()).contains("non-zero").contains("MACs");
  }

  @ParameterizedTest
  @EnumSource(Golden.class)
  void shouldRefuseWhatIsCutOff(Golden golden) {
    byte[] whole = golden.bytes();
    for (int length = 0; length < whole.length; length += LONG ? 1 : 7) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> load(part)).isInstanceOf(IOException.class);
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    assertThatThrownBy(() -> load(longer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the end of the file");
  }

  @ParameterizedTest
  @EnumSource(Golden.class)
  void shouldRefuseWrongChecksums(Golden golden) {
    byte[] whole = golden.bytes();
    Random random = new Random(2);
    for (int i = 0; i < DAMAGED; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(whole.length)] ^= (byte) (1 + random.nextInt(255));
      assertThatThrownBy(() -> load(damaged)).isInstanceOf(IOException.class);
    }
  }

  /** The checksums are right, so that damage reaches the reader: it throws or reads a model. */
  @ParameterizedTest
  @EnumSource(Golden.class)
  void shouldReadOrRefuseWhatHasRightChecksums(Golden golden) {
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < DAMAGED; i++) {
      byte[] damaged = damaged(golden.bytes(), random);
      try {
        assertThat(load(damaged).toString()).isNotEmpty();
      } catch (IOException e) {
        assertThat(e.getMessage()).contains("expected");
        refused++;
      }
    }
    assertThat(refused).isBetween(DAMAGED / 10, DAMAGED);
  }

  /** Damages the content of one section and recomputes its checksum. */
  private static byte[] damaged(byte[] whole, Random random) {
    ByteBuffer file = ByteBuffer.wrap(whole);
    int sections = 0;
    for (int at = HEADER; at < whole.length; at += FRAME + file.getInt(at + 4)) {
      sections++;
    }
    int chosen = random.nextInt(sections - 1); // the last one is empty
    int start = HEADER;
    for (int s = 0; s < chosen; s++) {
      start += FRAME + file.getInt(start + 4);
    }
    int length = file.getInt(start + 4);
    byte[] content = Arrays.copyOfRange(whole, start + 8, start + 8 + length);
    content = changed(content, random);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(whole, 0, start);
    byte[] head = ByteBuffer.allocate(8).put(whole, start, 4).putInt(content.length).array();
    CRC32 checksum = new CRC32();
    checksum.update(head);
    checksum.update(content);
    out.write(head, 0, head.length);
    out.write(content, 0, content.length);
    byte[] tail = ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array();
    out.write(tail, 0, tail.length);
    int next = start + FRAME + length;
    out.write(whole, next, whole.length - next);
    return out.toByteArray();
  }

  private static byte[] changed(byte[] content, Random random) {
    int at = random.nextInt(content.length);
    switch (random.nextInt(4)) {
      case 0: // cut off
        return Arrays.copyOf(content, at);
      case 1: // a piece twice
        byte[] longer = Arrays.copyOf(content, content.length + content.length - at);
        System.arraycopy(content, at, longer, content.length, content.length - at);
        return longer;
      default:
        byte[] other = content.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
          int place = random.nextInt(content.length);
          other[place] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xFF);
        }
        return other;
    }
  }

  @Test
  void shouldNameANewerVersionAndAnotherFile(@TempDir Path folder) throws IOException {
    byte[] newer = Golden.PERCEPTRON.bytes();
    newer[11] = 9;
    assertThatThrownBy(() -> load(newer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a runtime file of version 1, but found version 9");
    Path other = Files.write(folder.resolve("other.zip"), new byte[] {'P', 'K', 3, 4});
    assertThatThrownBy(() -> SparseModel.load(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("other.zip: at byte 0: expected a runtime file");
  }
}
