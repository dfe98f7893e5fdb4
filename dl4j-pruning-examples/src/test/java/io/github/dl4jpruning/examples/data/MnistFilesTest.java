package io.github.dl4jpruning.examples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;

class MnistFilesTest {

  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir Path folder;

  @BeforeEach
  void writeGoodFiles() throws IOException {
    IdxFiles.write(folder, 240, 50);
  }

  @Test
  void shouldShipTenThousandDigitsInThreeParts() throws IOException {
    ImageData data = MnistFiles.shipped();

    assertThat(data.train().size()).isEqualTo(8000);
    assertThat(data.validation().size()).isEqualTo(1000);
    assertThat(data.test().size()).isEqualTo(1000);
    Set<ByteBuffer> training = new HashSet<>();
    for (byte[] image : data.train().images()) {
      training.add(ByteBuffer.wrap(image));
    }
    for (Images other : new Images[] {data.validation(), data.test()}) {
      int[] perClass = new int[10];
      for (int i = 0; i < other.size(); i++) {
        assertThat(training.contains(ByteBuffer.wrap(other.images()[i]))).isFalse();
        perClass[other.labels()[i]]++;
      }
      assertThat(Arrays.stream(perClass).boxed()).allSatisfy(n -> assertThat(n).isBetween(80, 120));
    }
  }

  /**
   * Skipped where the full set is not beside the project; then only the sizes are known to be
   * right.
   */
  @Test
  void shouldShipDigitsOfTheOriginalSet() throws IOException {
    String named = System.getProperty("mnist.folder", "");
    assumeTrue(!named.isEmpty(), "the folder of the full MNIST set is not named by -Dmnist.folder");
    Path original = Path.of(named);
    ImageData full = MnistFiles.from(original);
    Set<ByteBuffer> training = new HashSet<>();
    for (Images part : new Images[] {full.train(), full.validation()}) {
      for (int i = 0; i < part.size(); i++) {
        training.add(labelled(part, i));
      }
    }

    ImageData shipped = MnistFiles.shipped();

    assertThat(full.train().size()).isEqualTo(55_000);
    assertThat(full.validation().size()).isEqualTo(5_000);
    assertThat(full.test().size()).isEqualTo(10_000);
    for (int i = 0; i < shipped.train().size(); i++) {
      assertThat(training.contains(labelled(shipped.train(), i))).isTrue();
    }
  }

  private static ByteBuffer labelled(Images digits, int i) {
    byte[] both = Arrays.copyOf(digits.images()[i], 784 + 1);
    both[784] = digits.labels()[i];
    return ByteBuffer.wrap(both);
  }

  @Test
  void shouldReadPlainAndGzippedFiles() throws IOException {
    ImageData data = MnistFiles.from(folder);

    assertThat(data.train().size()).isEqualTo(220);
    assertThat(data.validation().size()).isEqualTo(20);
    assertThat(data.test().size()).isEqualTo(50);
  }

  @Test
  void shouldSayWhichFileIsMissing() throws IOException {
    Files.delete(folder.resolve(LABELS));

    refuses("expected " + LABELS + " or " + LABELS + ".gz, but found neither");
    assertThatThrownBy(() -> MnistFiles.from(folder.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no such folder");
  }

  @Test
  void shouldRefuseAWrongMagicNumber() throws IOException {
    Files.copy(
        folder.resolve(LABELS),
        folder.resolve(IMAGES),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    refuses(IMAGES + ": expected magic number of an images file 2051, but found 2049");
  }

  @Test
  void shouldRefuseTruncatedFiles() throws IOException {
    byte[] images = Files.readAllBytes(folder.resolve(IMAGES));
    for (int length : new int[] {0, 3, 15, 16, 17, 16 + 784 * 239, images.length - 1}) {
      Files.write(folder.resolve(IMAGES), Arrays.copyOf(images, length));
      assertThatThrownBy(() -> MnistFiles.from(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(IMAGES)
          .hasMessageMatching(".*(truncated|expected 240 images, but the file ends).*");
    }
    Files.write(folder.resolve(IMAGES), images);
    byte[] labels = Files.readAllBytes(folder.resolve(LABELS));
    Files.write(folder.resolve(LABELS), Arrays.copyOf(labels, labels.length - 7));
    refuses("expected 240 labels, but the file ends after 233");
  }

  @Test
  void shouldRefuseCountsThatDoNotFit() throws IOException {
    byte[] images = Files.readAllBytes(folder.resolve(IMAGES));
    Files.write(folder.resolve(IMAGES), Arrays.copyOf(images, images.length + 1));
    refuses("more bytes than the count in the header says");

    byte[] wide = images.clone();
    wide[15] = 27;
    Files.write(folder.resolve(IMAGES), wide);
    refuses("expected columns 28, but found 27");

    byte[] huge = images.clone();
    huge[4] = 0x7F;
    Files.write(folder.resolve(IMAGES), huge);
    refuses("expected a count from 1 to 1000000");

    Files.write(folder.resolve(IMAGES), images);
    Images fewer = MnistFiles.from(folder).train();
    Files.write(folder.resolve(LABELS), IdxFiles.labels(fewer));
    refuses("expected 240 labels, as many as there are images");
  }

  @Test
  void shouldRefuseALabelThatIsNoDigit() throws IOException {
    byte[] labels = Files.readAllBytes(folder.resolve(LABELS));
    labels[8 + 5] = 11;
    Files.write(folder.resolve(LABELS), labels);

    refuses("expected labels from 0 to 9, but the one at position 5 is 11");
  }

  @Test
  void shouldRefuseABrokenGzipFile() throws IOException {
    Path images = folder.resolve("t10k-images-idx3-ubyte.gz");
    byte[] whole = Files.readAllBytes(images);
    Files.write(images, Arrays.copyOf(whole, whole.length / 2));
    refuses("t10k-images-idx3-ubyte.gz: the file is truncated");
    Files.write(images, "no gzip at all".getBytes(StandardCharsets.US_ASCII));
    refuses("t10k-images-idx3-ubyte.gz: expected a gzip file");
  }

  private void refuses(String message) {
    assertThatThrownBy(() -> MnistFiles.from(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldGiveTheSameBatchesForTheSameSeed() throws IOException {
    Images digits = MnistFiles.from(folder).train();
    ImageBatches one = ImageBatches.shuffled(digits, 32, 7);
    ImageBatches other = ImageBatches.shuffled(digits, 32, 7);
    DataSet firstOfFirstEpoch = null;

    for (int epoch = 0; epoch < 3; epoch++) {
      int images = 0;
      while (one.hasNext()) {
        DataSet batch = one.next();
        assertThat(batch.getFeatures()).isEqualTo(other.next().getFeatures());
        if (images == 0 && epoch == 0) {
          firstOfFirstEpoch = batch;
        } else if (images == 0) {
          assertThat(batch.getFeatures()).isNotEqualTo(firstOfFirstEpoch.getFeatures());
        }
        assertThat(batch.getFeatures().maxNumber().doubleValue()).isBetween(0.9, 1.0);
        assertThat(batch.getLabels().sumNumber().intValue()).isEqualTo(batch.numExamples());
        images += batch.numExamples();
      }
      assertThat(images).isEqualTo(digits.size());
      one.reset();
      other.reset();
    }
  }
}
